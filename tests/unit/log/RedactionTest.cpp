#include "log/Redaction.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::log::tests
{

/// Promise 8.
class RedactionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RedactionTest);
    CPPUNIT_TEST(sensitiveKeysAreKnownInEverySpelling);
    CPPUNIT_TEST(ordinaryKeysAreLeftAlone);
    CPPUNIT_TEST(credentialsBehindTheirSchemeGo);
    CPPUNIT_TEST(webTokensGo);
    CPPUNIT_TEST(passwordsInUrlsGo);
    CPPUNIT_TEST(privateKeysGo);
    CPPUNIT_TEST(mailAddressesGo);
    CPPUNIT_TEST(deviceAddressesGo);
    CPPUNIT_TEST(ordinaryTextStays);
    CPPUNIT_TEST(aFingerprintIsTheStartOfTheHash);
    CPPUNIT_TEST_SUITE_END();

public:
    void sensitiveKeysAreKnownInEverySpelling()
    {
        for (const std::string key :
             {"token", "title", "body", "user", "userId", "user_id", "User-Id", "address", "Authorization", "password", "secret",
              "private_key", "privateKey", "access_token", "deviceToken", "client_secret", "set-cookie", "dedupe_key"})
        {
            CPPUNIT_ASSERT_MESSAGE(key, isSensitiveKey(key));
        }
        CPPUNIT_ASSERT(isSensitiveKey(std::string(100, 'x')));
    }

    void ordinaryKeysAreLeftAlone()
    {
        for (const std::string key :
             {"id", "attempt", "reason", "type", "transport", "body_size", "status", "device", "endpoint", "title_length", "users", ""})
        {
            CPPUNIT_ASSERT_MESSAGE(key, !isSensitiveKey(key));
        }
    }

    void credentialsBehindTheirSchemeGo()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("Authorization: Bearer [redacted], next"),
                             redacted("Authorization: Bearer abc.def-123~/+=, next"));
        CPPUNIT_ASSERT_EQUAL(std::string("authorization:basic [redacted]"), redacted("authorization:basic dXNlcjpwYXNz"));
        CPPUNIT_ASSERT_EQUAL(std::string("the bearer of news"), redacted("the bearer of news"));
    }

    void webTokensGo()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("jwt=[redacted] x"), redacted("jwt=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln x"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"[redacted]\""), redacted("\"ya29.a0AfH6SMBx-canary\""));
    }

    void passwordsInUrlsGo()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("amqp://[redacted]@host:5672/v is down"), redacted("amqp://user:p@ss@host:5672/v is down"));
        CPPUNIT_ASSERT_EQUAL(std::string("https://fcm.googleapis.com/v1/a@b"), redacted("https://fcm.googleapis.com/v1/a@b"));
    }

    void privateKeysGo()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("key [redacted] end"),
                             redacted("key -----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY----- end"));
        CPPUNIT_ASSERT_EQUAL(std::string("[redacted]"), redacted("-----BEGIN RSA PRIVATE KEY-----\\nMIIcanary"));
    }

    void mailAddressesGo()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("sent to [redacted]!"), redacted("sent to marie.dupont+x@exemple.fr!"));
        CPPUNIT_ASSERT_EQUAL(std::string("[redacted], [redacted]"), redacted("a@b.org, c@d.org"));
        CPPUNIT_ASSERT_EQUAL(std::string("a @ b, x@local, pkg@1.2.3, @x.org"), redacted("a @ b, x@local, pkg@1.2.3, @x.org"));
    }

    void deviceAddressesGo()
    {
        const std::string address = "dGhpcyBpcyBhIHRlc3Q_-0:APA91b" + std::string(134, 'x');

        CPPUNIT_ASSERT_EQUAL(std::string("dead: [redacted]."), redacted("dead: " + address + "."));
        CPPUNIT_ASSERT_EQUAL(std::string(99, 'x'), redacted(std::string(99, 'x')));
        CPPUNIT_ASSERT_EQUAL(std::string("[redacted]"), redacted(std::string(100, 'x')));
    }

    void ordinaryTextStays()
    {
        for (const std::string text :
             {"", "retry in 30s", "01890a5d-ac96-774b-bcce-b302099a8057", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
              "etc/dev.yaml:12:3: unknown key", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9", "émoji 😀 -- :: =="})
        {
            CPPUNIT_ASSERT_EQUAL(text, redacted(text));
        }
    }

    void aFingerprintIsTheStartOfTheHash()
    {
        // sha256("hello world") begins with b94d27b9934d.
        CPPUNIT_ASSERT_EQUAL(std::string("b94d27b9934d"), fingerprint("hello world"));
        CPPUNIT_ASSERT(fingerprint("a") != fingerprint("b"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RedactionTest);

} // namespace carillon::log::tests
