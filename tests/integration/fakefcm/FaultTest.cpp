#include "integration/fakefcm/FcmClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using namespace std::chrono_literals;

class FaultTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(FaultTest);
    CPPUNIT_TEST(faultsAreUsedUpInTurnAndThenAllIsWell);
    CPPUNIT_TEST(retryAfterIsSentAsGiven);
    CPPUNIT_TEST(codesOfTheReferenceHaveTheirShape);
    CPPUNIT_TEST(htmlPagesComeFromTheFrontEnd);
    CPPUNIT_TEST(bodyCanBeAnything);
    CPPUNIT_TEST(unavailableThoughDeliveredIsInTheJournal);
    CPPUNIT_TEST(okThoughNotDeliveredIsNot);
    CPPUNIT_TEST(cutAnswerIsDeliveredAndBroken);
    CPPUNIT_TEST(resetStreamIsNotDeliveredUnlessAsked);
    CPPUNIT_TEST(resetConnectionTakesItsNeighboursAlong);
    CPPUNIT_TEST(unreadGoAwayIsTriedAgainByItself);
    CPPUNIT_TEST(goAwayAfterTheAnswerEndsTheConnectionOnly);
    CPPUNIT_TEST(goAwayLeavesEarlierStreamsTheirAnswers);
    CPPUNIT_TEST(faultsMatchByAddressDataAndTitle);
    CPPUNIT_TEST(addressComesBeforeDataAndAny);
    CPPUNIT_TEST(probabilityIsTheSeeds);
    CPPUNIT_TEST(faultsDoNotHideWrongRequests);
    CPPUNIT_TEST(hugeAnswerIsPadded);
    CPPUNIT_TEST_SUITE_END();

    Reply sendTo(const std::string& address) { return client().send(dataMessage(address)); }

public:
    void setUp() override
    {
        start({});
        fake().registerAddresses({{.text = "a"}, {.text = "b"}, {.text = "slow", .state = "slow", .slow = 300ms}});
    }

    void faultsAreUsedUpInTurnAndThenAllIsWell()
    {
        fake().script("a", {{.status = 503, .times = 2}, {.status = 500}});

        CPPUNIT_ASSERT_EQUAL(503L, sendTo("a").status);
        CPPUNIT_ASSERT_EQUAL(200L, sendTo("b").status);
        CPPUNIT_ASSERT_EQUAL(503L, sendTo("a").status);
        CPPUNIT_ASSERT_EQUAL(500L, sendTo("a").status);
        CPPUNIT_ASSERT_EQUAL(200L, sendTo("a").status);

        const auto attempts = fake().requestsTo("a");
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, attempts.size());
        CPPUNIT_ASSERT_EQUAL(503, attempts[0].status);
        CPPUNIT_ASSERT_EQUAL(200, attempts[3].status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
    }

    void retryAfterIsSentAsGiven()
    {
        fake().script("a", {{.status = 503, .retryAfter = "30"}, {.status = 429, .retryAfter = "Sun, 06 Nov 2094 08:49:37 GMT"}});
        CPPUNIT_ASSERT_EQUAL(std::string("30"), sendTo("a").headers.at("retry-after"));
        CPPUNIT_ASSERT_EQUAL(std::string("Sun, 06 Nov 2094 08:49:37 GMT"), sendTo("a").headers.at("retry-after"));
    }

    void codesOfTheReferenceHaveTheirShape()
    {
        struct Case
        {
            FcmAnswer answer;
            long status;
            std::string rpcStatus;
            std::string fcmCode;
        };
        const std::vector<Case> cases{
            {{.errorCode = "UNREGISTERED"}, 404, "NOT_FOUND", "UNREGISTERED"},
            {{.errorCode = "SENDER_ID_MISMATCH"}, 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"},
            {{.errorCode = "QUOTA_EXCEEDED"}, 429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"},
            {{.errorCode = "UNAVAILABLE"}, 503, "UNAVAILABLE", "UNAVAILABLE"},
            {{.errorCode = "INTERNAL"}, 500, "INTERNAL", "INTERNAL"},
            {{.errorCode = "THIRD_PARTY_AUTH_ERROR", .apnsReason = "InvalidProviderToken", .apnsStatus = 403},
             401,
             "UNAUTHENTICATED",
             "THIRD_PARTY_AUTH_ERROR"},
            {{.status = 500, .errorCode = "SOME_UNKNOWN_CODE"}, 500, "INTERNAL", "SOME_UNKNOWN_CODE"},
            {{.status = 500, .errorCode = "UNREGISTERED"}, 500, "INTERNAL", "UNREGISTERED"},
            {{.status = 429, .errorInfo = "RATE_LIMIT_EXCEEDED"}, 429, "RESOURCE_EXHAUSTED", ""},
            {{.status = 403, .errorInfo = "SERVICE_DISABLED"}, 403, "PERMISSION_DENIED", ""},
            {{.status = 504}, 504, "DEADLINE_EXCEEDED", ""},
        };
        for (const Case& expected : cases)
        {
            fake().script("a", {expected.answer});
            const Reply reply = sendTo("a");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, expected.status, reply.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, expected.rpcStatus, reply.rpcStatus());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, expected.fcmCode, reply.fcmErrorCode());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, expected.status, reply.json().at("error").at("code").get<long>());
        }
        fake().script(
            "a", {{.errorCode = "INVALID_ARGUMENT", .apnsReason = "BadDeviceToken"}, {.status = 401, .errorInfo = "ACCESS_TOKEN_EXPIRED"}});
        CPPUNIT_ASSERT_EQUAL(std::string("BadDeviceToken"), sendTo("a").detail("ApnsError").at("reason").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("ACCESS_TOKEN_EXPIRED"), sendTo("a").detail("ErrorInfo").at("reason").get<std::string>());
        CPPUNIT_ASSERT(fake().journal().empty());
    }

    void htmlPagesComeFromTheFrontEnd()
    {
        for (const int status : {401, 404, 502, 503})
        {
            fake().script("a", {{.status = status, .html = true}});
            const Reply reply = sendTo("a");
            CPPUNIT_ASSERT_EQUAL(long{status}, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("text/html; charset=UTF-8"), reply.headers.at("content-type"));
            CPPUNIT_ASSERT(reply.body.starts_with("<HTML>"));
        }
    }

    void bodyCanBeAnything()
    {
        fake().script(
            "a", {{.status = 500, .body = "not json"}, {.status = 500, .body = "{}"}, {.body = ""}, {.status = 200, .body = "{\"nam\""}});
        CPPUNIT_ASSERT_EQUAL(std::string("not json"), sendTo("a").body);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), sendTo("a").body);
        const Reply empty = sendTo("a");
        CPPUNIT_ASSERT_EQUAL(200L, empty.status);
        CPPUNIT_ASSERT_EQUAL(std::string(), empty.body);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"nam\""), sendTo("a").body);
        // The two that said 200 were taken.
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
    }

    void unavailableThoughDeliveredIsInTheJournal()
    {
        fake().script("a", {{.status = 503, .deliver = true}});
        CPPUNIT_ASSERT_EQUAL(503L, sendTo("a").status);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().journal().size());
        CPPUNIT_ASSERT_EQUAL(503, fake().journal().front().status);
    }

    void okThoughNotDeliveredIsNot()
    {
        fake().script("a", {{.status = 200, .deliver = false}});
        const Reply reply = sendTo("a");
        CPPUNIT_ASSERT_EQUAL(200L, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("projects/demo/messages/fake_message_id"), reply.json().at("name").get<std::string>());
        CPPUNIT_ASSERT(fake().journal().empty());
    }

    void cutAnswerIsDeliveredAndBroken()
    {
        for (const bool http1 : {false, true})
        {
            for (const std::size_t bytes : {std::size_t{0}, std::size_t{10}})
            {
                FcmClient victim(fake(), http1);
                fake().reset();
                fake().registerAddress("a");
                fake().script("a", {{.cutAfterBytes = bytes}});

                const Reply reply = victim.send(dataMessage("a"));

                CPPUNIT_ASSERT(reply.outcome != CURLE_OK);
                CPPUNIT_ASSERT_EQUAL(200L, reply.status);
                CPPUNIT_ASSERT_EQUAL(bytes, reply.body.size());
                CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().journal().size());
                CPPUNIT_ASSERT_EQUAL(0, fake().requestsTo("a").front().status);
                CPPUNIT_ASSERT_EQUAL(200L, victim.send(dataMessage("a")).status);
            }
        }
    }

    void resetStreamIsNotDeliveredUnlessAsked()
    {
        fake().script("a", {{.reset = "stream"}, {.reset = "stream", .deliver = true}});

        CPPUNIT_ASSERT_EQUAL(CURLE_HTTP2_STREAM, sendTo("a").outcome);
        CPPUNIT_ASSERT(fake().journal().empty());
        CPPUNIT_ASSERT_EQUAL(CURLE_HTTP2_STREAM, sendTo("a").outcome);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().journal().size());
        // Only the stream went: the connection is still there.
        const Reply next = sendTo("a");
        CPPUNIT_ASSERT_EQUAL(200L, next.status);
        CPPUNIT_ASSERT_EQUAL(0L, next.newConnections);
    }

    void resetConnectionTakesItsNeighboursAlong()
    {
        fake().script("a", {{.delay = 50ms, .reset = "connection"}});

        const auto replies = client().postAll({client().sendRequest(Json{{"message", dataMessage("slow")}}.dump()),
                                               client().sendRequest(Json{{"message", dataMessage("a")}}.dump())});

        // Both were on one connection. curl may send again by itself what died on a connection it had used before: then it came twice.
        const auto toA = fake().requestsTo("a");
        const auto toSlow = fake().requestsTo("slow");
        CPPUNIT_ASSERT_EQUAL(toA.front().connection, toSlow.front().connection);
        CPPUNIT_ASSERT_EQUAL(0, toA.front().status);
        CPPUNIT_ASSERT(replies[0].outcome != CURLE_OK || toSlow.size() == 2);
        CPPUNIT_ASSERT(replies[1].outcome != CURLE_OK || toA.size() == 2);
        // The neighbour was processed before: its sender cannot know.
        CPPUNIT_ASSERT_EQUAL(std::string("slow"), fake().journal().front().address);

        FcmClient http1(fake(), true);
        http1.accessToken();
        fake().script("a", {{.reset = "connection", .times = 2}});
        CPPUNIT_ASSERT(http1.send(dataMessage("a")).outcome != CURLE_OK);
    }

    void unreadGoAwayIsTriedAgainByItself()
    {
        fake().script("a", {{.goaway = "unread"}});
        client().accessToken(); // the connection is there already

        const Reply reply = sendTo("a");

        // curl knows by the last stream's number that the request may be sent again; what it made of it, the request log tells.
        const auto attempts = fake().requestsTo("a");
        CPPUNIT_ASSERT_EQUAL(0, attempts.front().status);
        CPPUNIT_ASSERT(!attempts.front().delivered);
        if (reply.outcome == CURLE_OK)
        {
            CPPUNIT_ASSERT_EQUAL(200L, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::size_t{2}, attempts.size());
            CPPUNIT_ASSERT(attempts[0].connection != attempts[1].connection);
        }
        CPPUNIT_ASSERT_EQUAL(reply.outcome == CURLE_OK ? std::size_t{1} : std::size_t{0}, fake().journal().size());
        CPPUNIT_ASSERT_EQUAL(200L, sendTo("a").status);
    }

    void goAwayAfterTheAnswerEndsTheConnectionOnly()
    {
        fake().script("a", {{.goaway = "after"}});

        CPPUNIT_ASSERT_EQUAL(200L, sendTo("a").status);
        CPPUNIT_ASSERT_EQUAL(200L, sendTo("a").status);

        const auto requests = fake().requestsTo("a");
        CPPUNIT_ASSERT(requests.at(0).connection != requests.at(1).connection);
        FcmClient http1(fake(), true);
        fake().script("a", {{.goaway = "after"}});
        CPPUNIT_ASSERT_EQUAL(std::string("close"), http1.send(dataMessage("a")).headers.at("connection"));
    }

    void goAwayLeavesEarlierStreamsTheirAnswers()
    {
        fake().script("a", {{.delay = 50ms, .goaway = "after"}});

        const auto replies = client().postAll({client().sendRequest(Json{{"message", dataMessage("slow")}}.dump()),
                                               client().sendRequest(Json{{"message", dataMessage("a")}}.dump())});

        CPPUNIT_ASSERT_EQUAL(200L, replies[0].status);
        CPPUNIT_ASSERT_EQUAL(200L, replies[1].status);
    }

    void faultsMatchByAddressDataAndTitle()
    {
        fake().scriptWhereData("n", "7", {{.status = 503, .times = FcmAnswer::forever}});
        fake().scriptWhereTitle("bad", {{.errorCode = "INTERNAL", .times = FcmAnswer::forever}});

        CPPUNIT_ASSERT_EQUAL(503L, client().send(dataMessage("a", {{"m", "1"}, {"n", "7"}})).status);
        CPPUNIT_ASSERT_EQUAL(503L, client().send(dataMessage("b", {{"n", "7"}})).status);
        CPPUNIT_ASSERT_EQUAL(200L, client().send(dataMessage("b", {{"n", "8"}})).status);
        CPPUNIT_ASSERT_EQUAL(500L, client().send({{"token", "a"}, {"notification", {{"title", "bad"}}}}).status);
        CPPUNIT_ASSERT_EQUAL(500L, client().send({{"token", "a"}, {"android", {{"notification", {{"title", "bad"}}}}}}).status);
        CPPUNIT_ASSERT_EQUAL(200L, client().send({{"token", "a"}, {"notification", {{"title", "good"}}}}).status);
    }

    void addressComesBeforeDataAndAny()
    {
        fake().scriptAll({{.status = 500, .times = FcmAnswer::forever}});
        fake().scriptWhereData("n", "7", {{.status = 504, .times = FcmAnswer::forever}});
        fake().script("a", {{.status = 503}});

        CPPUNIT_ASSERT_EQUAL(503L, client().send(dataMessage("a", {{"n", "7"}})).status);
        CPPUNIT_ASSERT_EQUAL(504L, client().send(dataMessage("a", {{"n", "7"}})).status);
        CPPUNIT_ASSERT_EQUAL(500L, sendTo("a").status);
        fake().clearFaults();
        CPPUNIT_ASSERT_EQUAL(200L, sendTo("a").status);
    }

    void probabilityIsTheSeeds()
    {
        const auto outcomes = [&]
        {
            fake().scriptAll({{.status = 503, .times = FcmAnswer::forever, .probability = 0.3}});
            std::string letters;
            for (int i = 0; i < 200; ++i) letters += sendTo("a").status == 200 ? '.' : 'x';
            return letters;
        };
        const std::string first = outcomes();
        fake().reset();
        fake().registerAddress("a");
        const std::string second = outcomes();

        CPPUNIT_ASSERT_EQUAL(first, second);
        const auto failed = std::count(first.begin(), first.end(), 'x');
        CPPUNIT_ASSERT_MESSAGE(first, failed > 30 && failed < 90);
    }

    void faultsDoNotHideWrongRequests()
    {
        // Else a test with faults would pass for a client that sends nonsense.
        fake().scriptAll({{.status = 503, .times = FcmAnswer::forever}});
        CPPUNIT_ASSERT_EQUAL(400L, client().sendRaw(R"({"message":{"token":"a","data":{"k":1}}})").status);
    }

    void hugeAnswerIsPadded()
    {
        fake().script("a", {{.padToBytes = 10 * 1024 * 1024}});
        const Reply reply = sendTo("a");
        CPPUNIT_ASSERT_EQUAL(std::size_t{10 * 1024 * 1024}, reply.body.size());
        CPPUNIT_ASSERT_EQUAL(200L, reply.status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FaultTest);

} // namespace carillon::tests
