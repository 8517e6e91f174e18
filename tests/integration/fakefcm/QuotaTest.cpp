#include "integration/fakefcm/FcmClient.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using namespace std::chrono_literals;

class QuotaTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(QuotaTest);
    CPPUNIT_TEST(projectQuotaRefillsAfterItsMinute);
    CPPUNIT_TEST(refusedRequestsCountAgainstTheProject);
    CPPUNIT_TEST(deviceHasAMinuteAndAnHour);
    CPPUNIT_TEST(collapsibleMessagesOverTheBurstReachTheDeviceLate);
    CPPUNIT_TEST(withoutOptionsNothingIsLimited);
    CPPUNIT_TEST_SUITE_END();

    long send(const std::string& address) { return client().send(dataMessage(address)).status; }

public:
    void projectQuotaRefillsAfterItsMinute()
    {
        start({"--virtual-clock", "--accept-any", "--project-quota", "3"});
        for (const char* address : {"a", "b", "c"}) CPPUNIT_ASSERT_EQUAL(200L, send(address));

        const Reply fourth = client().send(dataMessage("d"));

        CPPUNIT_ASSERT_EQUAL(429L, fourth.status);
        CPPUNIT_ASSERT_EQUAL(std::string("RESOURCE_EXHAUSTED"), fourth.rpcStatus());
        CPPUNIT_ASSERT_EQUAL(std::string(), fourth.fcmErrorCode());
        CPPUNIT_ASSERT_EQUAL(std::string("RATE_LIMIT_EXCEEDED"), fourth.detail("ErrorInfo").at("reason").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("SendsPerMinutePerProject"),
                             fourth.detail("ErrorInfo").at("metadata").at("quota_limit").get<std::string>());
        fake().advanceClock(60s);
        CPPUNIT_ASSERT_EQUAL(200L, send("d"));
    }

    void refusedRequestsCountAgainstTheProject()
    {
        start({"--virtual-clock", "--project-quota", "2"});
        CPPUNIT_ASSERT_EQUAL(400L, send("stranger"));
        CPPUNIT_ASSERT_EQUAL(400L, client().sendRaw(R"({"message":{"x":1}})").status);
        CPPUNIT_ASSERT_EQUAL(429L, send("stranger"));
        CPPUNIT_ASSERT_EQUAL(429L, send("stranger"));
    }

    void deviceHasAMinuteAndAnHour()
    {
        start({"--virtual-clock", "--accept-any", "--device-quota", "2", "--device-hourly-quota", "3"});
        CPPUNIT_ASSERT_EQUAL(200L, send("a"));
        CPPUNIT_ASSERT_EQUAL(200L, send("a"));
        CPPUNIT_ASSERT_EQUAL(429L, send("a"));
        CPPUNIT_ASSERT_EQUAL(200L, send("b"));
        fake().advanceClock(60s);
        CPPUNIT_ASSERT_EQUAL(200L, send("a"));
        const Reply overTheHour = client().send(dataMessage("a"));
        CPPUNIT_ASSERT_EQUAL(std::string("QUOTA_EXCEEDED"), overTheHour.fcmErrorCode());
        fake().advanceClock(59min);
        client().forgetToken(); // an hour is its life, too
        CPPUNIT_ASSERT_EQUAL(200L, send("a"));
    }

    void collapsibleMessagesOverTheBurstReachTheDeviceLate()
    {
        start({"--virtual-clock", "--accept-any", "--collapsible-rule"});
        for (int i = 0; i < 22; ++i) CPPUNIT_ASSERT_EQUAL(200L, client().send({{"token", "a"}, {"notification", {{"title", "t"}}}}).status);
        CPPUNIT_ASSERT_EQUAL(200L, send("a"));

        const auto journal = fake().journal();
        CPPUNIT_ASSERT_EQUAL(0ms, journal.at(19).deviceDelay);
        CPPUNIT_ASSERT_EQUAL(std::chrono::milliseconds(180s), journal.at(20).deviceDelay);
        CPPUNIT_ASSERT_EQUAL(std::chrono::milliseconds(360s), journal.at(21).deviceDelay);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("data messages without a collapse key are not collapsible", 0ms, journal.at(22).deviceDelay);
        fake().advanceClock(600s);
        client().send({{"token", "a"}, {"android", {{"collapse_key", "c"}}}});
        CPPUNIT_ASSERT_EQUAL(0ms, fake().journal().back().deviceDelay);
    }

    void withoutOptionsNothingIsLimited()
    {
        start({"--accept-any"});
        std::vector<Post> posts(300, client().sendRequest(Json{{"message", dataMessage("a")}}.dump()));
        for (const Reply& reply : client().postAll(posts)) CPPUNIT_ASSERT_EQUAL(200L, reply.status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(QuotaTest);

} // namespace carillon::tests
