#include "ServiceBench.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

/// What stageFailure() says about a message that is dead or expired.
class GivingUpTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GivingUpTest);
    CPPUNIT_TEST(theNotificationFailsAndTheOtherServicesAreTold);
    CPPUNIT_TEST(thePermitOfAMessageThatNothingAcceptedIsGivenBack);
    CPPUNIT_TEST(whatAnEarlierAttemptSentStaysSent);
    CPPUNIT_TEST(whatTheLastAttemptSentStaysSent);
    CPPUNIT_TEST(whatAnInterruptedAttemptMayHaveSentIsUnknownAndSpent);
    CPPUNIT_TEST(aMessageOfNoServiceOfOursIsToldToNobody);
    CPPUNIT_TEST(anExpiredMessageThatWasHeldBackHasFailed);
    CPPUNIT_TEST_SUITE_END();

public:
    void theNotificationFailsAndTheOtherServicesAreTold()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Transient)};
        auto last = bench.handle(bench.deliveryOf("m-1", requestTo("u-1"), 4));

        bench.giveUpAndDecide(last);

        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.statusOf("m-1"));
        const Envelope& update = bench.published.at(notification::statusUpdateId("m-1", NotificationStatus::Failed));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"notificationId":")") + notification::notificationIdFor("m-1") +
                                 R"(","status":"failed","sentAt":null})",
                             update.body);
        CPPUNIT_ASSERT_EQUAL(std::string("diabetes"), update.headers.at("x-service"));
    }

    void thePermitOfAMessageThatNothingAcceptedIsGivenBack()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.provider.scripts["phone"] = {answer(PushOutcome::Transient)};
        auto last = bench.handle(bench.deliveryOf("m-1", requestTo("u-1"), 4));

        bench.giveUpAndDecide(last);

        CPPUNIT_ASSERT(bench.limiter.permits.empty());
    }

    void whatAnEarlierAttemptSentStaysSent()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient), answer(PushOutcome::Transient)};
        bench.deliver("m-1", requestTo("u-1"), 3);
        auto last = bench.handle(bench.deliveryOf("m-1", requestTo("u-1"), 4));

        bench.giveUpAndDecide(last);

        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT_EQUAL(0, bench.updatesOf("m-1", NotificationStatus::Failed));
        CPPUNIT_ASSERT(bench.limiter.permits.at("m-1").spentAt.has_value());
    }

    void whatTheLastAttemptSentStaysSent()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "good");
        bench.addDevice("u-1", "slow");
        bench.provider.scripts["slow"] = {answer(PushOutcome::Transient)};
        auto last = bench.handle(bench.deliveryOf("m-1", requestTo("u-1"), 4));

        bench.giveUpAndDecide(last);

        CPPUNIT_ASSERT_EQUAL(std::string("retry"), last.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-1"));
        CPPUNIT_ASSERT_EQUAL(1, bench.updatesOf("m-1", NotificationStatus::Sent));
        CPPUNIT_ASSERT_EQUAL(0, bench.updatesOf("m-1", NotificationStatus::Failed));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), bench.stateOf("m-1", "good"));
        CPPUNIT_ASSERT_EQUAL(std::string("open"), bench.stateOf("m-1", "slow"));
    }

    /// Promise 3: a message that killed its workers is quarantined; no handler ran to its end then.
    void whatAnInterruptedAttemptMayHaveSentIsUnknownAndSpent()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.deliverAndCrashBeforeDecision("m-1", requestTo("u-1"));
        auto quarantined = bench.deliveryOf("m-1", requestTo("u-1"));

        bench.giveUpAndDecide(quarantined);

        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), bench.stateOf("m-1", "phone"));
        CPPUNIT_ASSERT(bench.limiter.permits.at("m-1").spentAt.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.statusOf("m-1"));
    }

    void aMessageOfNoServiceOfOursIsToldToNobody()
    {
        ServiceBench bench;
        UnitOfWork work;

        bench.service.stageFailure(work, "m-1", "");

        CPPUNIT_ASSERT(work.followUps().empty());
    }

    void anExpiredMessageThatWasHeldBackHasFailed()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        for (int i = 0; i < 10; ++i) bench.deliver("m-" + std::to_string(i), requestTo("u-1"));
        bench.deliver("m-10", requestTo("u-1"));
        auto expired = bench.deliveryOf("m-10", requestTo("u-1"));

        bench.giveUpAndDecide(expired);

        CPPUNIT_ASSERT_EQUAL(std::string("failed"), bench.statusOf("m-10"));
        CPPUNIT_ASSERT(bench.limiter.releases.contains("m-10"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GivingUpTest);

} // namespace carillon::tests
