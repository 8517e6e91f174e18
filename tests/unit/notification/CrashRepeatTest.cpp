#include "ServiceBench.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

namespace carillon::tests
{

/// Promise 2: a worker dies at each step of a send, and the message is delivered again. The effect in the store happens once; the push
/// outside it is repeated only where that is better than silence, and with the same handle.
class CrashRepeatTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CrashRepeatTest);
    CPPUNIT_TEST(aCrashBeforeTheIntentsIsRepeatedAsIfNothingHadBeen);
    CPPUNIT_TEST(anInfoIsNotPushedAgainAfterACrashBeforeThePush);
    CPPUNIT_TEST(anInfoIsNotPushedAgainAfterACrashBeforeTheDecision);
    CPPUNIT_TEST(anAlertIsPushedOnceMoreWithTheSameHandleAfterACrash);
    CPPUNIT_TEST(aReminderIsPushedOnceMoreWithTheSameHandleAfterACrash);
    CPPUNIT_TEST(anAlertIsNotPushedAThirdTimeAfterASecondCrash);
    CPPUNIT_TEST(sentIsToldOnceWhateverCrashed);
    CPPUNIT_TEST(aCrashSpendsTheRateLimitOnce);
    CPPUNIT_TEST(anInterruptedInfoCountsAgainstTheRateLimit);
    CPPUNIT_TEST(whatWasAcceptedBeforeTheCrashOfARetryStaysAccepted);
    CPPUNIT_TEST(aRecordedIntentOfAnAddressThatIsGoneIsSettledAsUnknown);
    CPPUNIT_TEST_SUITE_END();

public:
    void aCrashBeforeTheIntentsIsRepeatedAsIfNothingHadBeen()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.store.isBroken = true;
        CPPUNIT_ASSERT_THROW(bench.handle(bench.deliveryOf("m-1", requestTo("u-1", NotificationType::Info))), StoreError);
        bench.store.isBroken = false;

        const auto repeat = bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), repeat.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.limiter.permits.size());
    }

    void anInfoIsNotPushedAgainAfterACrashBeforeThePush()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        crashBeforePush(bench, requestTo("u-1", NotificationType::Info));

        const auto repeat = bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), repeat.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), bench.stateOf("m-1", "phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("interrupted"), bench.recordOf("m-1", "phone").code);
    }

    void anInfoIsNotPushedAgainAfterACrashBeforeTheDecision()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1", NotificationType::Info));

        const auto repeat = bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), repeat.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), bench.stateOf("m-1", "phone"));
    }

    void anAlertIsPushedOnceMoreWithTheSameHandleAfterACrash() { isPushedOnceMoreAfterACrash(NotificationType::Alert); }
    void aReminderIsPushedOnceMoreWithTheSameHandleAfterACrash() { isPushedOnceMoreAfterACrash(NotificationType::Reminder); }

    void anAlertIsNotPushedAThirdTimeAfterASecondCrash()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1"));
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1"));

        const auto third = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), third.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(2, bench.recordOf("m-1", "phone").unknowns);
    }

    void sentIsToldOnceWhateverCrashed()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1"));

        bench.deliver("m-1", requestTo("u-1"));
        // The decision was recorded, but its acknowledgement was lost: an engine without an inbox would run the handler again.
        bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(1, bench.updatesOf("m-1", NotificationStatus::Sent));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, bench.notifications.findByMessageId("m-1")->version);
    }

    void aCrashSpendsTheRateLimitOnce()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-0", requestTo("u-1"));
        bench.deliver("m-0", requestTo("u-1"));

        for (int i = 1; i < 10; ++i)
            CPPUNIT_ASSERT_EQUAL(std::string("ack"), bench.deliver("m-" + std::to_string(i), requestTo("u-1")).kind());
        CPPUNIT_ASSERT_EQUAL(std::string("defer"), bench.deliver("m-10", requestTo("u-1")).kind());
    }

    void anInterruptedInfoCountsAgainstTheRateLimit()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1", NotificationType::Info));

        bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT(bench.limiter.permits.at("m-1").spentAt.has_value());
    }

    void whatWasAcceptedBeforeTheCrashOfARetryStaysAccepted()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient)};
        bench.deliver("m-1", requestTo("u-1", NotificationType::Info), 1);
        bench.handle(bench.deliveryOf("m-1", requestTo("u-1", NotificationType::Info), 2));

        const auto repeat = bench.deliver("m-1", requestTo("u-1", NotificationType::Info), 2);

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), repeat.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("good"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, bench.pushesTo("slow"));
        CPPUNIT_ASSERT_EQUAL(1, bench.updatesOf("m-1", NotificationStatus::Sent));
    }

    void aRecordedIntentOfAnAddressThatIsGoneIsSettledAsUnknown()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1"));
        bench.devices.byUser.clear();

        const auto repeat = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), repeat.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), bench.stateOf("m-1", "phone"));
    }

private:
    static void crashBeforePush(ServiceBench& bench, const notification::SendRequest& request)
    {
        bench.provider.beforePush = [] { throw std::runtime_error("the worker dies here"); };
        CPPUNIT_ASSERT_THROW(bench.handle(bench.deliveryOf("m-1", request)), std::runtime_error);
        bench.provider.beforePush = nullptr;
        CPPUNIT_ASSERT_EQUAL(std::string("intent"), bench.stateOf("m-1", "phone"));
    }

    static void isPushedOnceMoreAfterACrash(NotificationType type)
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1", type));

        const auto repeat = bench.deliver("m-1", requestTo("u-1", type));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), repeat.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(bench.provider.pushed[0].tag, bench.provider.pushed[1].tag);
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), bench.stateOf("m-1", "phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-1"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CrashRepeatTest);

} // namespace carillon::tests
