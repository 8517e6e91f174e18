#include "push/fcm/TokenEndpoint.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

class TokenAnswerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TokenAnswerTest);
    CPPUNIT_TEST(aTokenIsTakenWithItsLife);
    CPPUNIT_TEST(theLifeMayBeText);
    CPPUNIT_TEST(anAnswerThatMakesNoSenseMayBeAskedAgain);
    CPPUNIT_TEST(aTokenThatIsNoHeaderValueIsRefused);
    CPPUNIT_TEST(googlesErrorsSayWhetherToAskAgain);
    CPPUNIT_TEST(errorsOfAFrontEndGoByTheirStatus);
    CPPUNIT_TEST(anUnreachableEndpointMayBeAskedAgain);
    CPPUNIT_TEST(noTextOfTheAnswerGetsIntoTheFailure);
    CPPUNIT_TEST_SUITE_END();

    static TokenAnswer understood(int status, std::string body)
    {
        HttpAnswer answer;
        answer.status = status;
        answer.body = std::move(body);
        return understandTokenAnswer(answer);
    }

public:
    void aTokenIsTakenWithItsLife()
    {
        const auto answer = understood(200, R"({"access_token":"ya29.a","expires_in":3599,"token_type":"Bearer"})");
        CPPUNIT_ASSERT_EQUAL(std::string("ya29.a"), answer.token);
        CPPUNIT_ASSERT(answer.life == 3599s);
        CPPUNIT_ASSERT(answer.code.empty());
    }

    void theLifeMayBeText()
    {
        CPPUNIT_ASSERT(understood(200, R"({"access_token":"t","expires_in":"120"})").life == 120s);
        CPPUNIT_ASSERT(understood(200, R"({"access_token":"t"})").life == 3600s);
    }

    void anAnswerThatMakesNoSenseMayBeAskedAgain()
    {
        for (const auto* body :
             {"", "[]", "{}", R"({"access_token":7})", R"({"access_token":""})", R"({"access_token":"t","expires_in":0})",
              R"({"access_token":"t","expires_in":"soon"})", R"({"access_token":"t","expires_in":null})"})
        {
            const auto answer = understood(200, body);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body, std::string("oauth_bad_answer"), answer.code);
            CPPUNIT_ASSERT_MESSAGE(body, answer.isRetryable && answer.token.empty());
        }
    }

    void aTokenThatIsNoHeaderValueIsRefused()
    {
        for (const auto* body : {R"({"access_token":"a\r\nX-Evil: 1"})", R"({"access_token":"a b"})", R"({"access_token":"é"})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body, std::string("oauth_bad_answer"), understood(200, body).code);
    }

    void googlesErrorsSayWhetherToAskAgain()
    {
        for (const auto* name :
             {"invalid_grant", "invalid_client", "invalid_scope", "unauthorized_client", "disabled_client", "org_internal"})
        {
            const auto answer = understood(400, std::string(R"({"error":")") + name + R"(","error_description":"d"})");
            CPPUNIT_ASSERT_EQUAL(std::string("oauth_") + name, answer.code);
            CPPUNIT_ASSERT_MESSAGE(name, !answer.isRetryable);
        }
        for (const auto* name : {"internal_failure", "server_error", "temporarily_unavailable"})
            CPPUNIT_ASSERT_MESSAGE(name, understood(400, std::string(R"({"error":")") + name + R"("})").isRetryable);
    }

    void errorsOfAFrontEndGoByTheirStatus()
    {
        for (const int status : {408, 429, 500, 502, 503, 504}) CPPUNIT_ASSERT(understood(status, "<html>").isRetryable);
        for (const int status : {301, 400, 401, 403, 404}) CPPUNIT_ASSERT(!understood(status, "<html>").isRetryable);
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_http_404"), understood(404, "<html>").code);
    }

    void anUnreachableEndpointMayBeAskedAgain()
    {
        HttpAnswer answer;
        answer.problem = TransportProblem::Connect;
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_connect_failed"), understandTokenAnswer(answer).code);
        CPPUNIT_ASSERT(understandTokenAnswer(answer).isRetryable);
        answer.problem = TransportProblem::Untrusted;
        CPPUNIT_ASSERT(!understandTokenAnswer(answer).isRetryable);
        // A token of which the end may be missing is none.
        answer.status = 200;
        answer.body = R"({"access_token":"t"})";
        answer.problem = TransportProblem::Lost;
        CPPUNIT_ASSERT(understandTokenAnswer(answer).token.empty());
    }

    void noTextOfTheAnswerGetsIntoTheFailure()
    {
        for (const int status : {200, 400, 500})
        {
            const auto answer = understood(status, R"({"error":"SECRET","error_description":"SECRET","access_token":7})");
            CPPUNIT_ASSERT((answer.code + answer.detail).find("SECRET") == std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenAnswerTest);

} // namespace carillon::push::fcm
