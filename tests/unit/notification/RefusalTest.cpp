#include "ServiceBench.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

/// What is refused before anything is sent, and what is only tried.
class RefusalTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RefusalTest);
    CPPUNIT_TEST(unknownUserIsRejectedAndTheNotificationHasFailed);
    CPPUNIT_TEST(userWithoutDeviceIsUnreachable);
    CPPUNIT_TEST(unknownServiceIsRejectedWithTheOnesThereAre);
    CPPUNIT_TEST(reservedDataIsRejectedWithoutAPush);
    CPPUNIT_TEST(oneBadMessageLeavesTheOthersOfItsBatchAlone);
    CPPUNIT_TEST(aDryRunChecksEverythingAndLeavesNothingBehind);
    CPPUNIT_TEST(aDryRunToADeadAddressDoesNotDeleteIt);
    CPPUNIT_TEST(anEmptyNeutralTextStopsTheStart);
    CPPUNIT_TEST_SUITE_END();

public:
    void unknownUserIsRejectedAndTheNotificationHasFailed()
    {
        ServiceBench bench;

        const auto delivery = bench.deliver("m-1", requestTo("nobody"));

        CPPUNIT_ASSERT_EQUAL(std::string("reject"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("unknown_user"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT_EQUAL(1, bench.updatesOf("m-1", NotificationStatus::Failed));
        CPPUNIT_ASSERT_EQUAL(0, bench.limiter.reservations);
    }

    void userWithoutDeviceIsUnreachable()
    {
        ServiceBench bench;
        bench.devices.addUser("u-1");

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("reject"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("unreachable"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT_EQUAL(0, bench.limiter.reservations);
    }

    void unknownServiceIsRejectedWithTheOnesThereAre()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto request = requestTo("u-1");
        request.serviceName = "cardiology";

        const auto delivery = bench.deliver("m-1", request);

        CPPUNIT_ASSERT_EQUAL(std::string("unknown_service"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT(delivery.outcome().reason().find("diabetes, wellness, maternity") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("none"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT(bench.published.empty());
        CPPUNIT_ASSERT(bench.provider.pushed.empty());
    }

    void reservedDataIsRejectedWithoutAPush()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto request = requestTo("u-1");
        request.data = R"({"from":"x"})";

        const auto delivery = bench.deliver("m-1", request);

        CPPUNIT_ASSERT_EQUAL(std::string("invalid_data"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT(bench.provider.pushed.empty());
    }

    void oneBadMessageLeavesTheOthersOfItsBatchAlone()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-2", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient, "UNAVAILABLE")};
        std::vector<ServiceBench::Delivery> deliveries;
        deliveries.push_back(bench.deliveryOf("m-1", requestTo("u-1")));
        deliveries.push_back(bench.deliveryOf("m-2", requestTo("u-2")));
        deliveries.push_back(bench.deliveryOf("m-3", requestTo("nobody")));

        bench.handle(deliveries);

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), deliveries[0].kind());
        CPPUNIT_ASSERT_EQUAL(std::string("retry"), deliveries[1].kind());
        CPPUNIT_ASSERT_EQUAL(std::string("reject"), deliveries[2].kind());
    }

    void aDryRunChecksEverythingAndLeavesNothingBehind()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto request = requestTo("u-1");
        request.isDryRun = true;

        const auto done = bench.handle(bench.deliveryOf("m-1", request));
        request.userId = "nobody";
        const auto rejected = bench.handle(bench.deliveryOf("m-2", request));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), done.kind());
        CPPUNIT_ASSERT(bench.provider.pushed.at(0).isDryRun);
        CPPUNIT_ASSERT_EQUAL(std::string("unknown_user"), rejected.outcome().errorClass());
        CPPUNIT_ASSERT(done.context->unitOfWork().isEmpty());
        CPPUNIT_ASSERT(rejected.context->unitOfWork().isEmpty());
        CPPUNIT_ASSERT(bench.notifications.byMessage.empty());
        CPPUNIT_ASSERT(bench.ledger.records.empty());
        CPPUNIT_ASSERT_EQUAL(0, bench.limiter.reservations);
    }

    void aDryRunToADeadAddressDoesNotDeleteIt()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "gone");
        bench.provider.scripts["gone"] = {answer(PushOutcome::AddressDead, "UNREGISTERED")};
        auto request = requestTo("u-1");
        request.isDryRun = true;

        const auto delivery = bench.handle(bench.deliveryOf("m-1", request));

        CPPUNIT_ASSERT_EQUAL(std::string("unreachable"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT(delivery.context->unitOfWork().isEmpty());
    }

    void anEmptyNeutralTextStopsTheStart()
    {
        auto options = benchOptions();
        options.reminder.body.clear();
        try
        {
            ServiceBench bench(options);
            CPPUNIT_FAIL("an empty text was taken");
        }
        catch (const ConfigurationError& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("notification.reminder.body") != std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RefusalTest);

} // namespace carillon::tests
