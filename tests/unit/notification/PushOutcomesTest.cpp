#include "ServiceBench.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

/// What each of the provider's answers makes of the message, the ledger, the addresses and the notification.
class PushOutcomesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PushOutcomesTest);
    CPPUNIT_TEST(transientFailureIsRetriedAfterTheProvidersDelay);
    CPPUNIT_TEST(aRetryGoesToTheAddressesThatAreNotSettled);
    CPPUNIT_TEST(whatOneAddressAcceptedIsKeptAndToldOnceWhileAnotherIsRetried);
    CPPUNIT_TEST(aDeviceThatIsNewAtTheRetryGetsThePushToo);
    CPPUNIT_TEST(deadAddressIsRemovedAndTheOtherOneCounts);
    CPPUNIT_TEST(addressRegisteredAgainDuringThePushStays);
    CPPUNIT_TEST(allAddressesDeadIsUnreachable);
    CPPUNIT_TEST(acceptedByAnAddressThatIsGoneAtTheRetryIsDone);
    CPPUNIT_TEST(contentRefusedByAllIsRejectedAndTheAddressesStay);
    CPPUNIT_TEST(contentRefusedInAnEarlierAttemptIsStillTheCause);
    CPPUNIT_TEST(throttledIsDeferredWithoutBeingCounted);
    CPPUNIT_TEST(throttledWithoutATimeWaitsAMinute);
    CPPUNIT_TEST(openBreakerAndBadCredentialsAreDeferred);
    CPPUNIT_TEST(aDeferralNeverGoesBeyondTheMessagesEnd);
    CPPUNIT_TEST(aFailureOfTheMessageIsCountedEvenIfAnotherAddressIsThrottled);
    CPPUNIT_TEST(unknownAlertIsSentOnceMoreWithTheSameHandle);
    CPPUNIT_TEST(unknownReminderIsSentOnceMoreWithTheSameHandle);
    CPPUNIT_TEST(unknownInfoIsNotSentAgain);
    CPPUNIT_TEST(unknownTwiceIsDone);
    CPPUNIT_TEST(unknownAtTheLastAttemptIsDone);
    CPPUNIT_TEST(unknownAloneLeavesTheNotificationPending);
    CPPUNIT_TEST(aProviderThatForgetsAnAnswerIsReadAsUnknown);
    CPPUNIT_TEST(whatAnOperatorRetriesIsSentAgainThoughAllHadFailed);
    CPPUNIT_TEST_SUITE_END();

public:
    void transientFailureIsRetriedAfterTheProvidersDelay()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto unavailable = answer(PushOutcome::Transient, "UNAVAILABLE", 7s);
        unavailable.httpStatus = 503;
        bench.provider.scripts["phone"] = {unavailable};

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("retry"), delivery.kind());
        CPPUNIT_ASSERT(delivery.outcome().retryAfter() == 7000ms);
        CPPUNIT_ASSERT_EQUAL(std::string("unavailable"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::string("push to 1 of 1 addresses did not end: UNAVAILABLE (HTTP 503)"), delivery.outcome().reason());
        CPPUNIT_ASSERT_EQUAL(std::string("open"), bench.stateOf("m-1", "phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("pending"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT(bench.published.empty());
    }

    void aRetryGoesToTheAddressesThatAreNotSettled()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "slow");
        bench.addDevice("u-1", "gone");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient, "INTERNAL")};
        bench.provider.scripts["gone"] = {answer(PushOutcome::AddressDead, "UNREGISTERED")};
        bench.deliver("m-1", requestTo("u-1"), 1);

        const auto retry = bench.deliver("m-1", requestTo("u-1"), 2);

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), retry.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("good"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, bench.pushesTo("slow"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("gone"));
        CPPUNIT_ASSERT_EQUAL(2, bench.recordOf("m-1", "slow").sends);
    }

    void whatOneAddressAcceptedIsKeptAndToldOnceWhileAnotherIsRetried()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient)};

        const auto first = bench.deliver("m-1", requestTo("u-1"), 1);
        const auto sentAt = bench.notifications.findByMessageId("m-1")->sentAt;
        bench.clock.advance(2s);
        const auto second = bench.deliver("m-1", requestTo("u-1"), 2);

        CPPUNIT_ASSERT_EQUAL(std::string("retry"), first.kind());
        CPPUNIT_ASSERT(sentAt == ManualClock::start());
        CPPUNIT_ASSERT_EQUAL(std::string("ack"), second.kind());
        CPPUNIT_ASSERT(bench.notifications.findByMessageId("m-1")->sentAt == ManualClock::start());
        CPPUNIT_ASSERT_EQUAL(1, bench.updatesOf("m-1", NotificationStatus::Sent));
    }

    void aDeviceThatIsNewAtTheRetryGetsThePushToo()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient)};
        bench.deliver("m-1", requestTo("u-1"), 1);
        bench.addDevice("u-1", "new");

        bench.deliver("m-1", requestTo("u-1"), 2);

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("new"));
    }

    void deadAddressIsRemovedAndTheOtherOneCounts()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "gone");
        bench.provider.scripts["gone"] = {answer(PushOutcome::AddressDead, "UNREGISTERED")};

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("UNREGISTERED"), bench.devices.removed.at("gone"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.devices.byUser["u-1"].size());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.stateOf("m-1", "gone"));
    }

    void addressRegisteredAgainDuringThePushStays()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::AddressDead, "UNREGISTERED")};
        bench.provider.beforePush = [&]
        {
            bench.clock.advance(1s);
            bench.devices.byUser["u-1"].front().registeredAt = bench.clock.now();
        };

        bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT(bench.devices.removed.empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.devices.byUser["u-1"].size());
    }

    void allAddressesDeadIsUnreachable()
    {
        ServiceBench bench;
        for (const char* token : {"a", "b"})
        {
            bench.addDevice("u-1", token);
            bench.provider.scripts[token] = {answer(PushOutcome::AddressDead, "UNREGISTERED")};
        }

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("reject"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("unreachable"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, bench.devices.removed.size());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT_EQUAL(1, bench.updatesOf("m-1", NotificationStatus::Failed));
        CPPUNIT_ASSERT(bench.limiter.permits.empty());
    }

    void acceptedByAnAddressThatIsGoneAtTheRetryIsDone()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient)};
        bench.deliver("m-1", requestTo("u-1"), 1);
        bench.devices.byUser["u-1"].clear();

        const auto retry = bench.deliver("m-1", requestTo("u-1"), 2);

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), retry.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-1"));
    }

    void contentRefusedByAllIsRejectedAndTheAddressesStay()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::PayloadRefused, "INVALID_ARGUMENT")};

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("reject"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("payload_refused"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT(bench.devices.removed.empty());
    }

    void contentRefusedInAnEarlierAttemptIsStillTheCause()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "refuses");
        bench.addDevice("u-1", "dies");
        bench.provider.scripts["refuses"] = {answer(PushOutcome::PayloadRefused, "INVALID_ARGUMENT")};
        bench.provider.scripts["dies"] = {answer(PushOutcome::Transient), answer(PushOutcome::AddressDead, "UNREGISTERED")};
        bench.deliver("m-1", requestTo("u-1"), 1);

        const auto retry = bench.deliver("m-1", requestTo("u-1"), 2);

        CPPUNIT_ASSERT_EQUAL(std::string("payload_refused"), retry.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("refuses"));
    }

    void throttledIsDeferredWithoutBeingCounted()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Throttled, "QUOTA_EXCEEDED", 90s)};

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("defer"), delivery.kind());
        CPPUNIT_ASSERT(delivery.outcome().until() == bench.clock.now() + 90s);
        CPPUNIT_ASSERT_EQUAL(std::string("throttled"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::string("open"), bench.stateOf("m-1", "phone"));
    }

    void throttledWithoutATimeWaitsAMinute()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Throttled, "QUOTA_EXCEEDED")};

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT(delivery.outcome().until() == bench.clock.now() + 60s);
    }

    void openBreakerAndBadCredentialsAreDeferred()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "down");
        bench.addDevice("u-2", "wrong");
        bench.provider.scripts["down"] = {answer(PushOutcome::ProviderDown, "breaker_open", 4s)};
        bench.provider.scripts["wrong"] = {answer(PushOutcome::Misconfigured, "PERMISSION_DENIED")};

        const auto down = bench.deliver("m-1", requestTo("u-1"));
        const auto wrong = bench.deliver("m-2", requestTo("u-2"));

        CPPUNIT_ASSERT_EQUAL(std::string("defer"), down.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("provider_down"), down.outcome().errorClass());
        CPPUNIT_ASSERT(down.outcome().until() == bench.clock.now() + 4s);
        CPPUNIT_ASSERT_EQUAL(0, bench.recordOf("m-1", "down").sends);
        CPPUNIT_ASSERT_EQUAL(std::string("defer"), wrong.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured"), wrong.outcome().errorClass());
        CPPUNIT_ASSERT(wrong.outcome().until() == bench.clock.now() + 60s);
    }

    void aDeferralNeverGoesBeyondTheMessagesEnd()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Throttled, "QUOTA_EXCEEDED", 90s)};
        auto delivery = bench.deliveryOf("m-1", requestTo("u-1"));
        delivery.envelope.expiresAt = bench.clock.now() + 30s;

        const auto handled = bench.handle(std::move(delivery));

        CPPUNIT_ASSERT_EQUAL(std::string("defer"), handled.kind());
        CPPUNIT_ASSERT(handled.outcome().until() == bench.clock.now() + 30s);
        CPPUNIT_ASSERT_EQUAL(std::string("throttled"), handled.outcome().errorClass());
    }

    void aFailureOfTheMessageIsCountedEvenIfAnotherAddressIsThrottled()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "slow");
        bench.addDevice("u-1", "busy");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient, "UNAVAILABLE")};
        bench.provider.scripts["busy"] = {answer(PushOutcome::Throttled, "QUOTA_EXCEEDED", 90s)};

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("retry"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("unavailable"), delivery.outcome().errorClass());
        CPPUNIT_ASSERT(delivery.outcome().retryAfter() == 90s);
    }

    void unknownAlertIsSentOnceMoreWithTheSameHandle() { unknownIsSentOnceMore(NotificationType::Alert); }
    void unknownReminderIsSentOnceMoreWithTheSameHandle() { unknownIsSentOnceMore(NotificationType::Reminder); }

    void unknownInfoIsNotSentAgain()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Ambiguous, "timeout")};

        const auto delivery = bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), bench.stateOf("m-1", "phone"));
    }

    void unknownTwiceIsDone()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Ambiguous, "timeout"), answer(PushOutcome::Ambiguous, "timeout")};
        bench.deliver("m-1", requestTo("u-1"), 1);

        const auto retry = bench.deliver("m-1", requestTo("u-1"), 2);

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), retry.kind());
        CPPUNIT_ASSERT_EQUAL(2, bench.recordOf("m-1", "phone").unknowns);
    }

    void unknownAtTheLastAttemptIsDone()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Ambiguous, "timeout")};

        const auto last = bench.deliver("m-1", requestTo("u-1"), 4);

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), last.kind());
    }

    /// Nobody can say that it was sent, nor that it failed: the status claims neither.
    void unknownAloneLeavesTheNotificationPending()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Ambiguous, "timeout")};

        bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT_EQUAL(std::string("pending"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT(bench.published.empty());
        CPPUNIT_ASSERT(bench.limiter.permits.at("m-1").spentAt.has_value());
    }

    void aProviderThatForgetsAnAnswerIsReadAsUnknown()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.forgets = true;

        const auto delivery = bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("no_answer"), bench.recordOf("m-1", "phone").code);
    }

    void whatAnOperatorRetriesIsSentAgainThoughAllHadFailed()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::AddressDead, "UNREGISTERED")};
        bench.deliver("m-1", requestTo("u-1"));
        bench.addDevice("u-1", "phone");

        const auto replay = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), replay.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT_EQUAL(1, bench.updatesOf("m-1", NotificationStatus::Sent));
    }

private:
    static void unknownIsSentOnceMore(NotificationType type)
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Ambiguous, "timeout")};

        const auto first = bench.deliver("m-1", requestTo("u-1", type), 1);
        const auto second = bench.deliver("m-1", requestTo("u-1", type), 2);

        CPPUNIT_ASSERT_EQUAL(std::string("retry"), first.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("timeout"), first.outcome().errorClass());
        CPPUNIT_ASSERT_EQUAL(std::string("ack"), second.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(bench.provider.pushed[0].tag, bench.provider.pushed[1].tag);
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), bench.stateOf("m-1", "phone"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PushOutcomesTest);

} // namespace carillon::tests
