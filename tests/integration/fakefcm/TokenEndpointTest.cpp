#include "integration/fakefcm/FcmClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using namespace std::chrono_literals;

class TokenEndpointTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(TokenEndpointTest);
    CPPUNIT_TEST(signedAssertionGetsATokenThatSends);
    CPPUNIT_TEST(assertionsThatGoogleRefusesAreRefused);
    CPPUNIT_TEST(assertionSignedByAnotherKeyIsRefused);
    CPPUNIT_TEST(formIsReadAsAFormOnly);
    CPPUNIT_TEST(tokenExpiresWithTheClock);
    CPPUNIT_TEST(revokedTokenIsExpired);
    CPPUNIT_TEST(lifeOfTokensCanBeSet);
    CPPUNIT_TEST(scriptedOutageAndErrorPassInTurn);
    CPPUNIT_TEST(slowAnswerIsStillAnAnswer);
    CPPUNIT_TEST_SUITE_END();

    static std::int64_t now()
    {
        return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    }

    void expectRefused(const std::string& error, const std::string& description, const Json& claims, const Json& header = Json::object())
    {
        const Reply reply = client().askForToken(claims, header);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(claims.dump() + header.dump(), 400L, reply.status);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(claims.dump() + header.dump(), error, reply.json().value("error", std::string()));
        CPPUNIT_ASSERT_MESSAGE(reply.body, reply.json().value("error_description", std::string()).find(description) != std::string::npos);
    }

public:
    void setUp() override { start({"--virtual-clock"}); }

    void signedAssertionGetsATokenThatSends()
    {
        fake().registerAddress("a");

        const Reply reply = client().askForToken();

        CPPUNIT_ASSERT_EQUAL(200L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer"), reply.json().at("token_type").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(3600, reply.json().at("expires_in").get<int>());
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);
    }

    void assertionsThatGoogleRefusesAreRefused()
    {
        expectRefused("invalid_grant", "account not found", {{"iss", "stranger@demo.iam.gserviceaccount.com"}});
        expectRefused("invalid_grant", "audience", {{"aud", "https://oauth2.googleapis.com/token"}});
        expectRefused("invalid_grant", "short-lived", {{"iat", now()}, {"exp", now() + 3601}});
        expectRefused("invalid_grant", "short-lived", {{"iat", now() + 300}, {"exp", now() + 600}});
        expectRefused("invalid_grant", "short-lived", {{"iat", now() - 3600}, {"exp", now() - 1}});
        expectRefused("invalid_grant", "short-lived", {{"iat", nullptr}});
        expectRefused("invalid_grant", "short-lived", {{"exp", "soon"}});
        expectRefused("invalid_scope", "missing", {{"scope", nullptr}});
        expectRefused("invalid_scope", "Invalid", {{"scope", "https://www.googleapis.com/auth/firebase.messagingx"}});
        expectRefused("invalid_grant", "Signature", Json::object(), {{"kid", "another"}});
        expectRefused("invalid_grant", "RS256", Json::object(), {{"alg", "none"}});
        CPPUNIT_ASSERT_EQUAL(200L, client().askForToken({{"scope", "openid https://www.googleapis.com/auth/cloud-platform"}}).status);
    }

    void assertionSignedByAnotherKeyIsRefused()
    {
        const FakeFcm other;
        const Json stranger = FcmClient(other).serviceAccount();
        const Json account = client().serviceAccount();
        const std::string assertion = FcmClient::signedAssertion({{"alg", "RS256"}, {"kid", account.at("private_key_id")}},
                                                                 {{"iss", account.at("client_email")},
                                                                  {"aud", account.at("token_uri")},
                                                                  {"scope", "https://www.googleapis.com/auth/firebase.messaging"},
                                                                  {"iat", now()},
                                                                  {"exp", now() + 60}},
                                                                 stranger.at("private_key").get<std::string>());

        const Reply reply = client().post(
            {fake().endpoint() + "/token", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + assertion});

        CPPUNIT_ASSERT_EQUAL(400L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("Invalid JWT Signature."), reply.json().at("error_description").get<std::string>());
    }

    void formIsReadAsAFormOnly()
    {
        const std::string url = fake().endpoint() + "/token";
        CPPUNIT_ASSERT_EQUAL(std::string("unsupported_grant_type"),
                             client().post({url, "grant_type=password"}).json().at("error").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_request"), client().post({url, "grant_type=%zz"}).json().at("error").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_request"),
                             client().post({url, "{}", {"Content-Type: application/json"}}).json().at("error").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(404L, client().get(url).status);
        for (const char* garbage : {"", "x", "a.b", "a.b.c", "e30.e30.e30", "e30.e30.e30.e30", "W10.W10.x"})
        {
            const Reply reply =
                client().post({url, std::string("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=") + garbage});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(garbage, std::string("invalid_grant"), reply.json().at("error").get<std::string>());
        }
    }

    void tokenExpiresWithTheClock()
    {
        fake().registerAddress("a");
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);

        fake().advanceClock(3599s);
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);
        fake().advanceClock(1s);
        const Reply late = client().send(dataMessage("a"));

        CPPUNIT_ASSERT_EQUAL(401L, late.status);
        CPPUNIT_ASSERT_EQUAL(std::string("UNAUTHENTICATED"), late.rpcStatus());
        CPPUNIT_ASSERT_EQUAL(std::string("ACCESS_TOKEN_EXPIRED"), late.detail("ErrorInfo").at("reason").get<std::string>());
    }

    void revokedTokenIsExpired()
    {
        fake().registerAddress("a");
        client().accessToken();

        fake().revokeTokens();

        CPPUNIT_ASSERT_EQUAL(401L, client().send(dataMessage("a")).status);
        client().forgetToken();
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("a")).status);
    }

    void lifeOfTokensCanBeSet()
    {
        fake().setTokenLife(5s);
        const Reply reply = client().askForToken();
        CPPUNIT_ASSERT_EQUAL(5, reply.json().at("expires_in").get<int>());
    }

    void scriptedOutageAndErrorPassInTurn()
    {
        fake().scriptTokens({{.status = 503, .times = 2}, {.errorCode = "invalid_grant"}});

        CPPUNIT_ASSERT_EQUAL(503L, client().askForToken().status);
        CPPUNIT_ASSERT_EQUAL(503L, client().askForToken().status);
        const Reply refused = client().askForToken();
        CPPUNIT_ASSERT_EQUAL(400L, refused.status);
        CPPUNIT_ASSERT_EQUAL(std::string("invalid_grant"), refused.json().at("error").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(200L, client().askForToken().status);
    }

    void slowAnswerIsStillAnAnswer()
    {
        fake().scriptTokens({{.delay = 200ms}});
        const Reply reply = client().askForToken();
        CPPUNIT_ASSERT_EQUAL(200L, reply.status);
        CPPUNIT_ASSERT(reply.took >= 200ms);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenEndpointTest);

} // namespace carillon::tests
