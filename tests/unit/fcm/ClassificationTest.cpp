#include "push/fcm/Classification.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fmt/format.h>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

namespace
{

constexpr auto none = std::nullopt;
using Wait = std::optional<std::chrono::milliseconds>;

/// `{"error":{code,message,status,details}}` as FCM writes it; empty parts are left out.
std::string errorBody(std::string_view status, std::string_view details = {}, std::string_view message = "m")
{
    std::string text = fmt::format(R"({{"error":{{"code":1,"message":"{}")", message);
    if (!status.empty()) text += fmt::format(R"(,"status":"{}")", status);
    if (!details.empty()) text += fmt::format(R"(,"details":[{}])", details);
    return text + "}}";
}

std::string fcmError(std::string_view code)
{
    return fmt::format(R"({{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"{}"}})", code);
}

std::string apnsError(int status, std::string_view reason)
{
    return fmt::format(R"({{"@type":"type.googleapis.com/google.firebase.fcm.v1.ApnsError","statusCode":{},"reason":"{}"}})", status,
                       reason);
}

std::string errorInfo(std::string_view reason)
{
    return fmt::format(R"({{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{}","domain":"googleapis.com",)"
                       R"("metadata":{{"quota_limit":"SendsPerMinutePerProject"}}}})",
                       reason);
}

std::string badRequest(std::string_view field)
{
    return fmt::format(R"({{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{{"field":"{}","description":"d"}}]}})",
                       field);
}

constexpr const char* html = "<HTML>\n<HEAD>\n<TITLE>Error</TITLE></HEAD><BODY><H1>Error</H1></BODY></HTML>";

HttpAnswer answerOf(int status, std::string body, std::string retryAfter = {})
{
    HttpAnswer answer;
    answer.status = status;
    answer.body = std::move(body);
    answer.retryAfter = std::move(retryAfter);
    answer.mayBeProcessed = true;
    return answer;
}

struct Vector
{
    const char* name;
    int http;
    std::string body;
    PushOutcome outcome;
    const char* code;
    Wait retryAfter = none;
    const char* flags = "";
    const char* retryAfterHeader = "";
};

/// What a verdict says besides its result, as text: T wants a new token, P closes the project's tap, S is a suspicious death.
std::string flagsOf(const Verdict& verdict)
{
    return std::string(verdict.wantsNewToken ? "T" : "") + (verdict.closesTap ? "P" : "") + (verdict.isSuspiciousDeath ? "S" : "");
}

} // namespace

/// The vectors of reference/fcm.md 1.10, by their numbers, and the rows of table 1.4 they leave out.
class ClassificationTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClassificationTest);
    CPPUNIT_TEST(everyVectorHasItsResult);
    CPPUNIT_TEST(fcmErrorsWinOverEveryStatus);
    CPPUNIT_TEST(apnsReasonsWinOverFcmErrors);
    CPPUNIT_TEST(detailsMayComeInAnyOrderAndBeMoreThanWeKnow);
    CPPUNIT_TEST(answersOfTheWrongShapeAreClassifiedByHttp);
    CPPUNIT_TEST(retryAfterLengthensAndIsCut);
    CPPUNIT_TEST(anAcceptedPushHasItsMessageName);
    CPPUNIT_TEST(aDryRunsAnswerToARealPushIsAnError);
    CPPUNIT_TEST(successThatMakesNoSenseIsAmbiguous);
    CPPUNIT_TEST(whatWasNotSentIsTransient);
    CPPUNIT_TEST(whatWasSentWithoutAnswerIsAmbiguous);
    CPPUNIT_TEST(anUnprocessedStreamMayBeSentAtOnce);
    CPPUNIT_TEST(anUntrustedServerIsMisconfigured);
    CPPUNIT_TEST(aRefusalThatBrokeOffKillsNoAddress);
    CPPUNIT_TEST(healthTellsTheProvidersFailuresFromTheMessages);
    CPPUNIT_TEST(noTextOfTheAnswerGetsIntoTheResult);
    CPPUNIT_TEST_SUITE_END();

    const TimePoint _now = fromRfc3339("2026-11-23T08:00:00Z");
    const ClassificationOptions _options{};

    Verdict classified(const HttpAnswer& answer, bool isDryRun = false) const { return classify(answer, isDryRun, _now, _options); }

    Verdict failed(TransportProblem problem, bool mayBeProcessed) const
    {
        HttpAnswer answer;
        answer.problem = problem;
        answer.mayBeProcessed = mayBeProcessed;
        return classified(answer);
    }

    static std::string text(const PushResult& result)
    {
        return fmt::format("{} {} http={} wait={}", toString(result.outcome), result.code, result.httpStatus,
                           result.retryAfter ? fmt::format("{}ms", result.retryAfter->count()) : "none");
    }

public:
    void everyVectorHasItsResult()
    {
        using enum PushOutcome;
        const Vector vectors[] = {
            {"1 500 {}", 500, "{}", Transient, "HTTP_500"},
            {"2 status wins over HTTP", 500, errorBody("INVALID_ARGUMENT"), PayloadRefused, "INVALID_ARGUMENT"},
            {"3 NOT_FOUND alone is no dead address", 500, errorBody("NOT_FOUND"), PayloadRefused, "NOT_FOUND"},
            {"4", 500, errorBody("RESOURCE_EXHAUSTED"), Throttled, "RESOURCE_EXHAUSTED", 60s},
            {"5", 500, errorBody("UNAVAILABLE"), Transient, "UNAVAILABLE"},
            {"6", 500, errorBody("INTERNAL"), Transient, "INTERNAL"},
            {"12", 400, errorBody("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT")), PayloadRefused, "INVALID_ARGUMENT"},
            {"15 not json", 500, "not json", Transient, "HTTP_500"},
            {"16 400 {}", 400, "{}", PayloadRefused, "HTTP_400"},
            {"16 403 {}", 403, "{}", Misconfigured, "HTTP_403", 60s},
            {"16 404 {}", 404, "{}", PayloadRefused, "HTTP_404"},
            {"16 503 {}", 503, "{}", Transient, "HTTP_503"},
            {"17 unknown FcmError", 500, errorBody("INVALID_ARGUMENT", fcmError("SOME_UNKNOWN_CODE")), PayloadRefused, "INVALID_ARGUMENT"},
            {"17 unspecified", 503, errorBody("UNAVAILABLE", fcmError("UNSPECIFIED_ERROR")), Transient, "UNAVAILABLE"},
            {"18", 401, errorBody(""), Misconfigured, "HTTP_401", 60s, "T"},
            {"19 408", 408, "", Transient, "HTTP_408"},
            {"19 504", 504, "", Transient, "HTTP_504"},
            {"20 is of topics; here it is a refusal", 409, errorBody("ALREADY_EXISTS"), PayloadRefused, "ALREADY_EXISTS"},
            {"23 401", 401, html, Misconfigured, "HTTP_401", 60s, "T"},
            {"23 403", 403, html, Misconfigured, "HTTP_403", 60s},
            {"25", 404, errorBody("NOT_FOUND", fcmError("UNREGISTERED"), "Requested entity was not found."), AddressDead, "UNREGISTERED"},
            {"27", 400,
             errorBody("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT") + "," + apnsError(410, "Unregistered"),
                       "APNs device token is disabled."),
             AddressDead, "APNS_Unregistered"},
            {"27 without reason", 400, errorBody("INVALID_ARGUMENT", apnsError(410, "")), AddressDead, "APNS_410"},
            {"28", 401, errorBody("UNAUTHENTICATED", fcmError("THIRD_PARTY_AUTH_ERROR") + "," + apnsError(403, "InvalidProviderToken")),
             Misconfigured, "APNS_InvalidProviderToken", 60s},
            {"30", 429, errorBody("RESOURCE_EXHAUSTED", errorInfo("RATE_LIMIT_EXCEEDED")), Throttled, "RATE_LIMIT_EXCEEDED", 60s, "P"},
            {"31", 401, errorBody("UNAUTHENTICATED", errorInfo("ACCESS_TOKEN_EXPIRED")), Misconfigured, "ACCESS_TOKEN_EXPIRED", 60s, "T"},
            {"32", 400,
             errorBody("INVALID_ARGUMENT", badRequest("message.data[0].value"),
                       "Invalid value at 'message.data[0].value' (TYPE_STRING), 12"),
             PayloadRefused, "INVALID_ARGUMENT"},
            {"33", 400,
             errorBody("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT"), "The registration token is not a valid FCM registration token"),
             AddressDead, "INVALID_REGISTRATION", none, "S"},
            {"33 by its field", 400, errorBody("INVALID_ARGUMENT", badRequest("message.token") + "," + fcmError("INVALID_ARGUMENT")),
             AddressDead, "INVALID_REGISTRATION", none, "S"},
            {"a field that is no address", 400,
             errorBody("INVALID_ARGUMENT", badRequest("message.token.x") + "," + fcmError("INVALID_ARGUMENT")), PayloadRefused,
             "INVALID_ARGUMENT"},
            {"the address' type is our mistake", 400, errorBody("INVALID_ARGUMENT", badRequest("message.token")), PayloadRefused,
             "INVALID_ARGUMENT"},
            {"34", 503, errorBody("UNAVAILABLE"), Transient, "UNAVAILABLE", 30s, "", "30"},
            {"35", 503, errorBody("UNAVAILABLE"), Transient, "UNAVAILABLE", 60s, "", "Mon, 23 Nov 2026 08:01:00 GMT"},
            {"37 longer than our cap", 503, errorBody("UNAVAILABLE"), Transient, "UNAVAILABLE", 15min, "", "86400"},
            {"43", 404, html, Misconfigured, "HTTP_404", 60s},
            {"sandbox token", 400, errorBody("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT") + "," + apnsError(400, "BadDeviceToken")),
             AddressDead, "APNS_BadDeviceToken", none, "S"},
            {"other app's token", 400, errorBody("INVALID_ARGUMENT", apnsError(400, "DeviceTokenNotForTopic")), AddressDead,
             "APNS_DeviceTokenNotForTopic", none, "S"},
            {"unknown field", 400, errorBody("INVALID_ARGUMENT", "", "Invalid JSON payload received."), PayloadRefused, "INVALID_ARGUMENT"},
            {"not authenticated", 401, errorBody("UNAUTHENTICATED"), Misconfigured, "UNAUTHENTICATED", 60s, "T"},
            {"service disabled", 403, errorBody("PERMISSION_DENIED", errorInfo("SERVICE_DISABLED")), Misconfigured, "SERVICE_DISABLED",
             60s},
            {"permission denied", 403, errorBody("PERMISSION_DENIED"), Misconfigured, "PERMISSION_DENIED", 60s},
            {"too big", 400, errorBody("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT"), "Android message is too big"), PayloadRefused,
             "payload_too_large"},
            {"too big, without FcmError", 400, errorBody("INVALID_ARGUMENT", "", "iOS Message Is Too Big"), PayloadRefused,
             "payload_too_large"},
            {"413", 413, html, PayloadRefused, "payload_too_large"},
            {"429 of a device", 429, errorBody("RESOURCE_EXHAUSTED", fcmError("QUOTA_EXCEEDED")), Throttled, "QUOTA_EXCEEDED", 60s},
            {"429 HTML", 429, html, Throttled, "HTTP_429", 60s},
            {"502", 502, html, Transient, "HTTP_502"},
            {"421", 421, html, Transient, "HTTP_421"},
            {"redirect", 302, html, Misconfigured, "HTTP_302", 60s},
            {"proxy", 407, html, Misconfigured, "HTTP_407", 60s},
            {"405", 405, html, PayloadRefused, "HTTP_405"},
        };
        for (const auto& vector : vectors)
        {
            const Verdict verdict = classified(answerOf(vector.http, vector.body, vector.retryAfterHeader));
            PushResult expected;
            expected.outcome = vector.outcome;
            expected.code = vector.code;
            expected.httpStatus = vector.http;
            expected.retryAfter = vector.retryAfter;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(vector.name, text(expected), text(verdict.result));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(vector.name, std::string(vector.flags), flagsOf(verdict));
            CPPUNIT_ASSERT_MESSAGE(vector.name, !verdict.result.detail.empty());
        }
    }

    /// Vectors 7 to 14.
    void fcmErrorsWinOverEveryStatus()
    {
        using enum PushOutcome;
        const std::tuple<const char*, PushOutcome, const char*> rules[] = {
            {"UNREGISTERED", AddressDead, ""},
            {"SENDER_ID_MISMATCH", AddressDead, "S"},
            {"QUOTA_EXCEEDED", Throttled, ""},
            {"UNAVAILABLE", Transient, ""},
            {"INTERNAL", Transient, ""},
            {"INVALID_ARGUMENT", PayloadRefused, ""},
            {"THIRD_PARTY_AUTH_ERROR", Misconfigured, ""},
            {"APNS_AUTH_ERROR", Misconfigured, ""},
        };
        for (const auto& [code, outcome, flags] : rules)
            for (const int http : {400, 401, 403, 404, 429, 500, 503})
                for (const auto* status : {"INVALID_ARGUMENT", "NOT_FOUND", "UNAVAILABLE", "UNAUTHENTICATED", ""})
                {
                    const Verdict verdict = classified(answerOf(http, errorBody(status, fcmError(code))));
                    CPPUNIT_ASSERT_MESSAGE(code, outcome == verdict.result.outcome);
                    CPPUNIT_ASSERT_EQUAL(std::string(code), verdict.result.code);
                    CPPUNIT_ASSERT_EQUAL_MESSAGE(code, std::string(flags), flagsOf(verdict));
                }
    }

    void apnsReasonsWinOverFcmErrors()
    {
        const auto outcome = [&](const char* reason)
        {
            return classified(answerOf(400, errorBody("INVALID_ARGUMENT", fcmError("UNREGISTERED") + "," + apnsError(400, reason))))
                .result.outcome;
        };
        CPPUNIT_ASSERT(outcome("TooManyRequests") == PushOutcome::Throttled);
        CPPUNIT_ASSERT(outcome("ServiceUnavailable") == PushOutcome::Transient);
        CPPUNIT_ASSERT(outcome("BadTopic") == PushOutcome::Misconfigured);
        CPPUNIT_ASSERT(outcome("PayloadTooLarge") == PushOutcome::PayloadRefused);
        CPPUNIT_ASSERT(outcome("ExpiredToken") == PushOutcome::AddressDead);
        CPPUNIT_ASSERT(outcome("SomethingNew") == PushOutcome::AddressDead);
    }

    void detailsMayComeInAnyOrderAndBeMoreThanWeKnow()
    {
        const std::string help = R"({"@type":"type.googleapis.com/google.rpc.Help","links":[{"url":"u"}]})";
        const std::string odd = R"(7,null,"x",[],{"no":"type"},{"@type":12,"errorCode":"UNREGISTERED"})";
        for (const auto& details :
             {help + "," + fcmError("UNREGISTERED"), fcmError("UNREGISTERED") + "," + help, odd + "," + fcmError("UNREGISTERED")})
            CPPUNIT_ASSERT(classified(answerOf(404, errorBody("NOT_FOUND", details))).result.outcome == PushOutcome::AddressDead);
        CPPUNIT_ASSERT(classified(answerOf(404, errorBody("NOT_FOUND", odd))).result.outcome == PushOutcome::PayloadRefused);
        CPPUNIT_ASSERT(classified(answerOf(404, "[" + errorBody("NOT_FOUND", fcmError("UNREGISTERED")) + "]")).result.outcome ==
                       PushOutcome::AddressDead);
    }

    void answersOfTheWrongShapeAreClassifiedByHttp()
    {
        for (const std::string body :
             {"", "null", "7", "\"text\"", "[]", "[1]", "{\"error\":\"text\"}", "{\"error\":7}", "{\"error\":{\"details\":{}}}",
              "{\"error\":{\"status\":5,\"message\":[],\"details\":[{\"@type\":\"google.rpc.BadRequest\",\"fieldViolations\":3}]}}",
              "{\"error\":{\"status\":\"", "\xFF\xFE"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body, std::string("transient HTTP_500 http=500 wait=none"),
                                         text(classified(answerOf(500, body)).result));
        // Deep nesting must not end the process.
        CPPUNIT_ASSERT(classified(answerOf(500, std::string(60000, '['))).result.outcome == PushOutcome::Transient);
    }

    void retryAfterLengthensAndIsCut()
    {
        const auto wait = [&](int http, const char* body, const char* header, ClassificationOptions options)
        { return classify(answerOf(http, body, header), false, _now, options).result.retryAfter; };
        CPPUNIT_ASSERT(wait(503, "{}", "", {.minRetryDelay = 10s}) == 10s);
        CPPUNIT_ASSERT(wait(503, "{}", "3", {.minRetryDelay = 10s}) == 10s);
        CPPUNIT_ASSERT(wait(503, "{}", "30", {.minRetryDelay = 10s}) == 30s);
        CPPUNIT_ASSERT(wait(503, "{}", "0", {}) == 0s);
        CPPUNIT_ASSERT(wait(503, "{}", "soon", {}) == none);
        CPPUNIT_ASSERT(wait(503, "{}", "-5", {}) == none);
        CPPUNIT_ASSERT(wait(503, "{}", "Mon, 23 Nov 2026 07:00:00 GMT", {}) == 0s);
        CPPUNIT_ASSERT(wait(503, "{}", "7200", {.maxRetryAfter = 1min}) == 1min);
        CPPUNIT_ASSERT(wait(429, "{}", "5", {}) == 5s);
        CPPUNIT_ASSERT(wait(429, "{}", "soon", {}) == 60s);
        CPPUNIT_ASSERT(wait(429, "{}", "", {.maxRetryAfter = 10s}) == 10s);
        const auto retryInfo = errorBody("UNAVAILABLE", R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"12.5s"})");
        CPPUNIT_ASSERT(wait(503, retryInfo.c_str(), "", {}) == 12500ms);
        CPPUNIT_ASSERT(wait(503, retryInfo.c_str(), "3", {}) == 3s);
    }

    void anAcceptedPushHasItsMessageName()
    {
        const Verdict verdict = classified(answerOf(200, R"({"name":"projects/p/messages/0:1500415314455276%31bd1c9631bd1c96"})"));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted  http=200 wait=none"), text(verdict.result));
        CPPUNIT_ASSERT_EQUAL(std::string("projects/p/messages/0:1500415314455276%31bd1c9631bd1c96"), verdict.result.providerMessageId);
        CPPUNIT_ASSERT(verdict.health == ProviderHealth::Alive);
    }

    void aDryRunsAnswerToARealPushIsAnError()
    {
        const auto answer = answerOf(200, R"({"name":"projects/p/messages/fake_message_id"})");
        CPPUNIT_ASSERT(classified(answer, true).result.outcome == PushOutcome::Accepted);
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured dry_run_answer http=200 wait=60000ms"), text(classified(answer, false).result));
    }

    /// Vectors 39, 40, 41.
    void successThatMakesNoSenseIsAmbiguous()
    {
        for (const auto* body : {"", "not json", "{}", "[]", "{\"name\":7}", "{\"name\":\"\"}", "<html>"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(body, std::string("ambiguous no_message_name http=200 wait=none"),
                                         text(classified(answerOf(200, body)).result));
        auto cut = answerOf(200, R"({"name":"projects/p/messages/1)");
        cut.problem = TransportProblem::Lost;
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous answer_cut http=200 wait=none"), text(classified(cut).result));
        cut.problem = TransportProblem::TooLarge;
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous answer_too_large http=200 wait=none"), text(classified(cut).result));
    }

    /// Vector 45, first half.
    void whatWasNotSentIsTransient()
    {
        const std::pair<TransportProblem, const char*> problems[] = {
            {TransportProblem::Resolve, "resolve_failed"}, {TransportProblem::Connect, "connect_failed"},
            {TransportProblem::Tls, "tls_failed"},         {TransportProblem::Timeout, "timeout"},
            {TransportProblem::Deadline, "deadline"},      {TransportProblem::Lost, "connection_lost"},
            {TransportProblem::Stopping, "stopping"}};
        for (const auto& [problem, code] : problems)
            CPPUNIT_ASSERT_EQUAL(fmt::format("transient {} http=0 wait=none", code), text(failed(problem, false).result));
        HttpAnswer answer;
        answer.problem = TransportProblem::Connect;
        CPPUNIT_ASSERT(classify(answer, false, _now, {.minRetryDelay = 10s}).result.retryAfter == 10s);
    }

    /// Vector 45, second half.
    void whatWasSentWithoutAnswerIsAmbiguous()
    {
        for (const auto problem :
             {TransportProblem::Timeout, TransportProblem::Deadline, TransportProblem::Lost, TransportProblem::Stopping})
            CPPUNIT_ASSERT_EQUAL(fmt::format("ambiguous {} http=0 wait=none", toString(problem)), text(failed(problem, true).result));
    }

    /// Vector 44.
    void anUnprocessedStreamMayBeSentAtOnce()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("transient stream_refused http=0 wait=0ms"),
                             text(failed(TransportProblem::Unprocessed, true).result));
    }

    void anUntrustedServerIsMisconfigured()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured tls_untrusted http=0 wait=60000ms"),
                             text(failed(TransportProblem::Untrusted, false).result));
    }

    void aRefusalThatBrokeOffKillsNoAddress()
    {
        const auto outcome = [&](int http, TransportProblem problem)
        {
            auto cut = answerOf(http, R"({"error":{"code":404)");
            cut.problem = problem;
            return text(classified(cut).result);
        };
        CPPUNIT_ASSERT_EQUAL(std::string("transient answer_cut http=404 wait=none"), outcome(404, TransportProblem::Lost));
        CPPUNIT_ASSERT_EQUAL(std::string("transient answer_cut http=400 wait=none"), outcome(400, TransportProblem::Timeout));
        CPPUNIT_ASSERT_EQUAL(std::string("transient HTTP_503 http=503 wait=none"), outcome(503, TransportProblem::Lost));
        CPPUNIT_ASSERT_EQUAL(std::string("throttled HTTP_429 http=429 wait=60000ms"), outcome(429, TransportProblem::Lost));
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured HTTP_404 http=404 wait=60000ms"), outcome(404, TransportProblem::TooLarge));
    }

    void healthTellsTheProvidersFailuresFromTheMessages()
    {
        const auto health = [&](int http, const std::string& body) { return classified(answerOf(http, body)).health; };
        using enum ProviderHealth;
        CPPUNIT_ASSERT(health(404, errorBody("NOT_FOUND", fcmError("UNREGISTERED"))) == Alive);
        CPPUNIT_ASSERT(health(400, errorBody("INVALID_ARGUMENT")) == Alive);
        CPPUNIT_ASSERT(health(401, errorBody("UNAUTHENTICATED", fcmError("THIRD_PARTY_AUTH_ERROR"))) == Alive);
        CPPUNIT_ASSERT(health(429, "{}") == Unknown);
        CPPUNIT_ASSERT(health(500, "{}") == Failing);
        CPPUNIT_ASSERT(health(503, "{}") == Failing);
        CPPUNIT_ASSERT(health(401, "{}") == Failing);
        CPPUNIT_ASSERT(health(403, "{}") == Failing);
        CPPUNIT_ASSERT(health(404, html) == Failing);
        CPPUNIT_ASSERT(failed(TransportProblem::Connect, false).health == Failing);
        CPPUNIT_ASSERT(failed(TransportProblem::Timeout, true).health == Failing);
        CPPUNIT_ASSERT(failed(TransportProblem::Lost, true).health == Failing);
        CPPUNIT_ASSERT(failed(TransportProblem::Deadline, true).health == Unknown);
        CPPUNIT_ASSERT(failed(TransportProblem::Stopping, true).health == Unknown);
        CPPUNIT_ASSERT(failed(TransportProblem::Unprocessed, true).health == Unknown);
    }

    /// Promise 8: a server may quote what it was sent.
    void noTextOfTheAnswerGetsIntoTheResult()
    {
        for (const int http : {200, 302, 400, 401, 403, 404, 413, 429, 500})
            for (const auto& body :
                 {std::string("SECRET"),
                  errorBody("SECRET", fcmError("SECRET") + "," + apnsError(400, "SECRET") + "," + errorInfo("SECRET"), "SECRET"),
                  errorBody("INVALID_ARGUMENT", fcmError("INVALID_ARGUMENT") + "," + badRequest("message.token"), "SECRET")})
            {
                const PushResult result = classified(answerOf(http, body, "SECRET")).result;
                CPPUNIT_ASSERT_MESSAGE(result.detail,
                                       (result.code + result.detail + result.providerMessageId).find("SECRET") == std::string::npos);
            }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClassificationTest);

} // namespace carillon::push::fcm
