#include "ServiceBench.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

/// Never more than ten in any minute for one user, and what does not count.
class RateLimitTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RateLimitTest);
    CPPUNIT_TEST(theEleventhIsDeferredToItsMomentAndNotPushed);
    CPPUNIT_TEST(aHeldBackNotificationIsStoredAsPending);
    CPPUNIT_TEST(otherUsersAreNotHeldBack);
    CPPUNIT_TEST(aHeldBackMessageThatExpiresBeforeItsMomentGivesThePlaceBack);
    CPPUNIT_TEST(aRetrySpendsNothingMore);
    CPPUNIT_TEST(aMessageThatNothingAcceptedKeepsItsPermitWhileItIsRetried);
    CPPUNIT_TEST(aMessageThatIsPutOffGivesItsPermitBack);
    CPPUNIT_TEST(whatOneAddressAcceptedIsSpentThoughTheOtherIsPutOff);
    CPPUNIT_TEST(doseRemindersAreNeitherHeldBackNorCounted);
    CPPUNIT_TEST(withoutRecordedIntentsNothingIsPushed);
    CPPUNIT_TEST_SUITE_END();

public:
    void theEleventhIsDeferredToItsMomentAndNotPushed()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto deliveries = elevenTo(bench);

        bench.handle(deliveries);

        for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT_EQUAL(std::string("ack"), deliveries[static_cast<std::size_t>(i)].kind());
        const Outcome& eleventh = deliveries[10].outcome();
        CPPUNIT_ASSERT_EQUAL(std::string("defer"), deliveries[10].kind());
        CPPUNIT_ASSERT_EQUAL(std::string("rate_limit"), eleventh.errorClass());
        CPPUNIT_ASSERT(eleventh.until() == bench.clock.now() + 60s);
        CPPUNIT_ASSERT_EQUAL(std::string("rate limit: 10 in 60 s for one user, next at 2026-11-23T08:01:00.000Z"), eleventh.reason());
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, bench.pushesTo("phone"));
    }

    void aHeldBackNotificationIsStoredAsPending()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto deliveries = elevenTo(bench);
        bench.handle(deliveries);
        for (auto& delivery : deliveries) bench.decide(delivery);

        CPPUNIT_ASSERT_EQUAL(std::string("pending"), bench.statusOf("m-10"));
        CPPUNIT_ASSERT(bench.ledger.of("m-10").empty());
        CPPUNIT_ASSERT(bench.limiter.releases.empty());

        bench.clock.advance(61s);
        bench.deliver("m-10", requestTo("u-1"));
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-10"));
    }

    void otherUsersAreNotHeldBack()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.addDevice("u-2", "other");
        auto deliveries = elevenTo(bench);
        deliveries.push_back(bench.deliveryOf("m-other", requestTo("u-2")));

        bench.handle(deliveries);

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), deliveries.back().kind());
    }

    void aHeldBackMessageThatExpiresBeforeItsMomentGivesThePlaceBack()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto deliveries = elevenTo(bench);
        deliveries[10].envelope.expiresAt = bench.clock.now() + 20s;

        bench.handle(deliveries);
        bench.decide(deliveries[10]);

        CPPUNIT_ASSERT_EQUAL(std::string("defer"), deliveries[10].kind());
        CPPUNIT_ASSERT(deliveries[10].outcome().until() == bench.clock.now() + 20s);
        CPPUNIT_ASSERT(bench.limiter.releases.contains("m-10"));
    }

    void aRetrySpendsNothingMore()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient)};
        bench.deliver("m-1", requestTo("u-1"), 1);

        bench.deliver("m-1", requestTo("u-1"), 2);

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.limiter.permits.size());
        CPPUNIT_ASSERT(bench.limiter.permits.at("m-1").spentAt.has_value());
    }

    void aMessageThatNothingAcceptedKeepsItsPermitWhileItIsRetried()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient)};

        bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT(bench.limiter.permits.contains("m-1"));
        CPPUNIT_ASSERT(!bench.limiter.permits.at("m-1").spentAt.has_value());
    }

    void aMessageThatIsPutOffGivesItsPermitBack()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::ProviderDown, "breaker_open", 10s)};

        bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT(bench.limiter.permits.empty());
    }

    void whatOneAddressAcceptedIsSpentThoughTheOtherIsPutOff()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "busy");
        bench.provider.scripts["busy"] = {answer(PushOutcome::Throttled, "QUOTA_EXCEEDED", 1s),
                                          answer(PushOutcome::Throttled, "QUOTA_EXCEEDED", 1s)};

        bench.deliver("m-1", requestTo("u-1"));
        const auto again = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("defer"), again.kind());
        CPPUNIT_ASSERT(bench.limiter.permits.at("m-1").spentAt.has_value());
    }

    void doseRemindersAreNeitherHeldBackNorCounted()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto dose = requestTo("u-1", NotificationType::Reminder);
        dose.isDoseReminder = true;
        auto deliveries = elevenTo(bench);
        for (auto& delivery : deliveries) delivery.request = dose;

        bench.handle(deliveries);
        for (auto& delivery : deliveries) bench.decide(delivery);

        for (const auto& delivery : deliveries) CPPUNIT_ASSERT_EQUAL(std::string("ack"), delivery.kind());
        CPPUNIT_ASSERT(bench.limiter.permits.empty());
        CPPUNIT_ASSERT_EQUAL(0, bench.limiter.reservations);
    }

    void withoutRecordedIntentsNothingIsPushed()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.store.isBroken = true;

        CPPUNIT_ASSERT_THROW(bench.handle(bench.deliveryOf("m-1", requestTo("u-1"))), StoreError);

        CPPUNIT_ASSERT(bench.provider.pushed.empty());
    }

private:
    static std::vector<ServiceBench::Delivery> elevenTo(ServiceBench& bench)
    {
        std::vector<ServiceBench::Delivery> deliveries;
        for (int i = 0; i < 11; ++i) deliveries.push_back(bench.deliveryOf("m-" + std::to_string(i), requestTo("u-1")));
        return deliveries;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RateLimitTest);

} // namespace carillon::tests
