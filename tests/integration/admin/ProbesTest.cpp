#include "AdminBench.h"

#include "metrics/BootClock.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests::admin
{

class ProbesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProbesTest);
    CPPUNIT_TEST(healthTellsStatusTimeAndVersionToEverybody);
    CPPUNIT_TEST(readinessIsRedWhileTheMasterDrains);
    CPPUNIT_TEST(consumptionIsGreenWhileNothingWaits);
    CPPUNIT_TEST(consumptionIsRedWhenWaitingMessagesReachNoHandler);
    CPPUNIT_TEST(consumptionIsGreenForTheSameQueueWhenItIsPaused);
    CPPUNIT_TEST(metricsTellTheDepthOfEveryQueue);
    CPPUNIT_TEST(statisticsAreTheCommandLines);
    CPPUNIT_TEST_SUITE_END();

public:
    void healthTellsStatusTimeAndVersionToEverybody()
    {
        AdminBench bench;

        const Reply reply = bench.callWithoutToken("GET", "/health");

        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        const auto body = nlohmann::json::parse(reply.body);
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), body.at("status").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("1.2.3"), body.at("version").get<std::string>());
        CPPUNIT_ASSERT(std::chrono::abs(fromRfc3339(body.at("timestamp")) - systemClock().now()) < std::chrono::minutes(1));
    }

    void readinessIsRedWhileTheMasterDrains()
    {
        AdminBench bench;
        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/readyz").status);

        bench.master().setState(metrics::State::Draining);

        const Reply reply = bench.callWithoutToken("GET", "/readyz");
        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        CPPUNIT_ASSERT(reply.body.find("draining") != std::string::npos);
    }

    void consumptionIsGreenWhileNothingWaits()
    {
        AdminBench bench;

        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/readyz/consume").status);
    }

    // Promise 4.
    void consumptionIsRedWhenWaitingMessagesReachNoHandler()
    {
        AdminBench bench([](AdminBench::Setup& setup) { setup.groups["default"].stallAfter = std::chrono::milliseconds(0); });
        CPPUNIT_ASSERT_EQUAL(202, bench.post("/api/v1/notifications", notificationBody()).status);

        const Reply reply = bench.callWithoutToken("GET", "/readyz/consume");

        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        const auto reason = nlohmann::json::parse(reply.body).at("reasons").at(0);
        CPPUNIT_ASSERT_EQUAL(std::string("default"), reason.at("group").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("notifications"), reason.at("transport").get<std::string>());
    }

    void consumptionIsGreenForTheSameQueueWhenItIsPaused()
    {
        AdminBench bench([](AdminBench::Setup& setup) { setup.groups["default"].stallAfter = std::chrono::milliseconds(0); });
        CPPUNIT_ASSERT_EQUAL(202, bench.post("/api/v1/notifications", notificationBody()).status);

        bench.transport().setPaused("notifications", true);

        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/readyz/consume").status);
    }

    void metricsTellTheDepthOfEveryQueue()
    {
        AdminBench bench;
        CPPUNIT_ASSERT_EQUAL(202, bench.post("/api/v1/notifications", notificationBody()).status);

        const Reply reply = bench.callWithoutToken("GET", "/metrics");

        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("text/plain; version=0.0.4; charset=utf-8"), reply.header("content-type"));
        const std::string line = "carillon_queue_messages{transport=\"notifications\",queue=\"notifications\",state=\"ready\"} 1\n";
        CPPUNIT_ASSERT_MESSAGE(reply.body, reply.body.find(line) != std::string::npos);
        CPPUNIT_ASSERT(reply.body.find("carillon_store_up 1\n") != std::string::npos);
        CPPUNIT_ASSERT(reply.body.find("patient-7") == std::string::npos);
    }

    void statisticsAreTheCommandLines()
    {
        AdminBench bench;
        bench.bury("m-1");
        CPPUNIT_ASSERT_EQUAL(202, bench.post("/api/v1/notifications", notificationBody()).status);

        const auto stats = bench.get("/api/v1/stats");

        CPPUNIT_ASSERT_EQUAL(1, stats.at("messages").at("notification.send").at("dead").get<int>());
        CPPUNIT_ASSERT_EQUAL(1, stats.at("transports").at("notifications").at("ready").get<int>());
        CPPUNIT_ASSERT_EQUAL(0, stats.at("outbox").get<int>());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProbesTest);

} // namespace carillon::tests::admin
