#include "Keys.h"

#include "push/fcm/JwtAssertion.h"

#include "carillon/Errors.h"

#include <Poco/Crypto/RSAKey.h>
#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>
#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

namespace carillon::push::fcm
{

class JwtAssertionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(JwtAssertionTest);
    CPPUNIT_TEST(theAssertionHoldsWhatGoogleAsksFor);
    CPPUNIT_TEST(bothFormsOfKeySignAlike);
    CPPUNIT_TEST(base64IsUnpadded);
    CPPUNIT_TEST(onlyAPlainRsaKeyIsUsable);
    CPPUNIT_TEST(aKeyThatCannotSignIsAnErrorWithoutTheKey);
    CPPUNIT_TEST_SUITE_END();

    const TimePoint _now = fromRfc3339("2026-11-23T08:00:00.700Z");

    static ServiceAccount account(const std::string& key)
    {
        ServiceAccount account;
        account.clientEmail = "push@p.iam.gserviceaccount.com";
        account.privateKeyId = "0123abcd";
        account.privateKey = key;
        return account;
    }

public:
    void theAssertionHoldsWhatGoogleAsksFor()
    {
        const std::string jwt = makeAssertion(account(pkcs8Key), "https://oauth2.googleapis.com/token", _now);

        std::istringstream key(pkcs8Key);
        Poco::JWT::Signer verifier(new Poco::Crypto::RSAKey(nullptr, &key, "-"));
        verifier.addAllAlgorithms();
        const Poco::JWT::Token token = verifier.verify(jwt);
        CPPUNIT_ASSERT_EQUAL(std::string("RS256"), token.getAlgorithm());
        CPPUNIT_ASSERT_EQUAL(std::string("JWT"), token.getType());
        CPPUNIT_ASSERT_EQUAL(std::string("0123abcd"), token.header().getValue<std::string>("kid"));
        CPPUNIT_ASSERT_EQUAL(std::string("push@p.iam.gserviceaccount.com"), token.getIssuer());
        CPPUNIT_ASSERT_EQUAL(std::string("https://oauth2.googleapis.com/token"), token.payload().getValue<std::string>("aud"));
        CPPUNIT_ASSERT_EQUAL(std::string("https://www.googleapis.com/auth/firebase.messaging"),
                             token.payload().getValue<std::string>("scope"));
        const auto issued = token.payload().getValue<Poco::Int64>("iat");
        CPPUNIT_ASSERT_EQUAL(Poco::Int64(1795420800 - 10), issued);
        CPPUNIT_ASSERT_EQUAL(issued + 3600, token.payload().getValue<Poco::Int64>("exp"));
    }

    void bothFormsOfKeySignAlike()
    {
        CPPUNIT_ASSERT_EQUAL(makeAssertion(account(pkcs8Key), "https://a", _now), makeAssertion(account(pkcs1Key), "https://a", _now));
    }

    void base64IsUnpadded()
    {
        const std::string jwt = makeAssertion(account(pkcs8Key), "https://a", _now);
        CPPUNIT_ASSERT(jwt.find_first_of("=+/\n ") == std::string::npos);
    }

    void onlyAPlainRsaKeyIsUsable()
    {
        CPPUNIT_ASSERT(isUsableKey(pkcs8Key));
        CPPUNIT_ASSERT(isUsableKey(pkcs1Key));
        // Must not wait for a passphrase either.
        CPPUNIT_ASSERT(!isUsableKey(encryptedKey));
        CPPUNIT_ASSERT(!isUsableKey(ecKey));
        CPPUNIT_ASSERT(!isUsableKey(pkcs8Key.substr(0, pkcs8Key.size() / 2)));
        CPPUNIT_ASSERT(!isUsableKey("SECRET"));
        CPPUNIT_ASSERT(!isUsableKey(""));
    }

    void aKeyThatCannotSignIsAnErrorWithoutTheKey()
    {
        try
        {
            makeAssertion(account("SECRET"), "https://a", _now);
            CPPUNIT_FAIL("signed");
        }
        catch (const Error& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("SECRET") == std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(JwtAssertionTest);

} // namespace carillon::push::fcm
