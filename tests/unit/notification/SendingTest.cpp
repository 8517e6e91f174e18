#include "ServiceBench.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

/// What one delivery of a message does when all goes well.
class SendingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SendingTest);
    CPPUNIT_TEST(everyDeviceOfTheUserGetsThePushAndTheMessageIsDone);
    CPPUNIT_TEST(theNotificationIsStoredBeforeThePush);
    CPPUNIT_TEST(sentIsToldToTheOtherServicesWithTheNotificationsIdAndTime);
    CPPUNIT_TEST(everyPushCarriesTheMessageIdAsItsHandle);
    CPPUNIT_TEST(aMessageIdTooLongForAHandleIsRepresentedByTheNotificationsId);
    CPPUNIT_TEST(alertsAndRemindersAreUrgentAndInfosAreNot);
    CPPUNIT_TEST(wordsThatAreMissingAreReplacedByNeutralOnes);
    CPPUNIT_TEST(withNeutralTextTheSendersWordsStayInTheStore);
    CPPUNIT_TEST(dataIsFlattenedForThePushAndStoredAsGiven);
    CPPUNIT_TEST(expiryAndTraceTravelWithThePush);
    CPPUNIT_TEST(aBatchCostsOneCallOfEachKind);
    CPPUNIT_TEST(thePushEndsBeforeTheEarliestDeadlineOfTheBatch);
    CPPUNIT_TEST(aHandlerWithLittleTimeKeepsMostOfItForThePush);
    CPPUNIT_TEST(logLinesNameNoUserNoWordsAndNoAddress);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyDeviceOfTheUserGetsThePushAndTheMessageIsDone()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.addDevice("u-1", "tablet");

        const auto delivery = bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("ack"), delivery.kind());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("phone"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.pushesTo("tablet"));
        CPPUNIT_ASSERT_EQUAL(std::string("Glycémie"), bench.provider.pushed.front().title);
        CPPUNIT_ASSERT_EQUAL(std::string("Votre mesure est prête."), bench.provider.pushed.front().body);
        CPPUNIT_ASSERT(bench.provider.pushed.front().isPrivate);
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), bench.stateOf("m-1", "phone"));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted"), bench.stateOf("m-1", "tablet"));
        CPPUNIT_ASSERT_EQUAL(std::string("projects/p/messages/1"), bench.recordOf("m-1", "phone").providerMessageId);
    }

    void theNotificationIsStoredBeforeThePush()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        std::string status;
        std::string state;
        bench.provider.beforePush = [&]
        {
            status = bench.statusOf("m-1");
            state = bench.stateOf("m-1", "phone");
        };

        bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::string("pending"), status);
        CPPUNIT_ASSERT_EQUAL(std::string("intent"), state);
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), bench.statusOf("m-1"));
        const auto stored = *bench.notifications.findByMessageId("m-1");
        CPPUNIT_ASSERT_EQUAL(notification::notificationIdFor("m-1"), stored.id);
        CPPUNIT_ASSERT_EQUAL(std::string("u-1"), stored.userId);
        CPPUNIT_ASSERT_EQUAL(std::string("diabetes"), stored.serviceName);
        CPPUNIT_ASSERT(stored.sentAt == bench.clock.now());
    }

    void sentIsToldToTheOtherServicesWithTheNotificationsIdAndTime()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");

        bench.deliver("m-1", requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, bench.published.size());
        const Envelope& update = bench.published.begin()->second;
        CPPUNIT_ASSERT_EQUAL(std::string("notification.status_update"), update.type);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"notificationId":")") + notification::notificationIdFor("m-1") +
                                 R"(","status":"sent","sentAt":"2026-11-23T08:00:00.000Z"})",
                             update.body);
        CPPUNIT_ASSERT_EQUAL(std::string("diabetes"), update.headers.at("x-service"));
        CPPUNIT_ASSERT_EQUAL(std::string("diabetes"), update.service);
    }

    void everyPushCarriesTheMessageIdAsItsHandle()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        bench.addDevice("u-1", "tablet");

        bench.deliver("0193567a-0000-7000-8000-000000000001", requestTo("u-1"));

        for (const auto& request : bench.provider.pushed)
            CPPUNIT_ASSERT_EQUAL(std::string("0193567a-0000-7000-8000-000000000001"), request.tag);
    }

    void aMessageIdTooLongForAHandleIsRepresentedByTheNotificationsId()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        const std::string longId(65, 'a');
        const std::string longestId(64, 'a');

        bench.deliver(longId, requestTo("u-1"));
        bench.deliver(longestId, requestTo("u-1"));

        CPPUNIT_ASSERT_EQUAL(notification::notificationIdFor(longId), bench.provider.pushed[0].tag);
        CPPUNIT_ASSERT_EQUAL(longestId, bench.provider.pushed[1].tag);
    }

    void alertsAndRemindersAreUrgentAndInfosAreNot()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");

        bench.deliver("m-1", requestTo("u-1", NotificationType::Alert));
        bench.deliver("m-2", requestTo("u-1", NotificationType::Reminder));
        bench.deliver("m-3", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT(bench.provider.pushed[0].isUrgent);
        CPPUNIT_ASSERT(bench.provider.pushed[1].isUrgent);
        CPPUNIT_ASSERT(!bench.provider.pushed[2].isUrgent);
    }

    void wordsThatAreMissingAreReplacedByNeutralOnes()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto request = requestTo("u-1", NotificationType::Reminder);
        request.title.clear();
        request.body.clear();

        bench.deliver("m-1", request);

        CPPUNIT_ASSERT_EQUAL(std::string("Rappel"), bench.provider.pushed[0].title);
        CPPUNIT_ASSERT_EQUAL(std::string("Vous avez un rappel."), bench.provider.pushed[0].body);
    }

    void withNeutralTextTheSendersWordsStayInTheStore()
    {
        auto options = benchOptions();
        options.pushText = notification::PushText::Neutral;
        ServiceBench bench(options);
        bench.addDevice("u-1", "phone");

        bench.deliver("m-1", requestTo("u-1", NotificationType::Info));

        CPPUNIT_ASSERT_EQUAL(std::string("Information"), bench.provider.pushed[0].title);
        CPPUNIT_ASSERT_EQUAL(std::string("Un message vous attend."), bench.provider.pushed[0].body);
        CPPUNIT_ASSERT_EQUAL(std::string("Glycémie"), bench.notifications.findByMessageId("m-1")->title);
    }

    void dataIsFlattenedForThePushAndStoredAsGiven()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto request = requestTo("u-1");
        request.data = R"({"mesure":{"valeur":5.4}})";

        bench.deliver("m-1", request);

        CPPUNIT_ASSERT_EQUAL(std::string(R"({"valeur":5.4})"), bench.provider.pushed[0].data.at("mesure"));
        CPPUNIT_ASSERT_EQUAL(request.data, bench.notifications.findByMessageId("m-1")->data);
    }

    void expiryAndTraceTravelWithThePush()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto delivery = bench.deliveryOf("m-1", requestTo("u-1"));
        delivery.envelope.expiresAt = bench.clock.now() + 1h;
        delivery.context->setTraceParent("00-11111111111111111111111111111111-2222222222222222-01");

        bench.handle(std::move(delivery));

        CPPUNIT_ASSERT(bench.provider.pushed[0].expiresAt == bench.clock.now() + 1h);
        CPPUNIT_ASSERT_EQUAL(std::string("00-11111111111111111111111111111111-2222222222222222-01"), bench.provider.pushed[0].traceParent);
    }

    void aBatchCostsOneCallOfEachKind()
    {
        ServiceBench bench;
        std::vector<ServiceBench::Delivery> deliveries;
        for (int i = 0; i < 50; ++i)
        {
            bench.addDevice("u-" + std::to_string(i), "phone-" + std::to_string(i));
            deliveries.push_back(bench.deliveryOf("m-" + std::to_string(i), requestTo("u-" + std::to_string(i))));
        }

        bench.handle(deliveries);

        CPPUNIT_ASSERT_EQUAL(1, bench.devices.lookUps);
        CPPUNIT_ASSERT_EQUAL(1, bench.ledger.lookUps);
        CPPUNIT_ASSERT_EQUAL(1, bench.limiter.reservations);
        CPPUNIT_ASSERT_EQUAL(1, bench.store.transactions);
        CPPUNIT_ASSERT_EQUAL(1, bench.provider.calls);
        for (const auto& delivery : deliveries) CPPUNIT_ASSERT_EQUAL(std::string("ack"), delivery.kind());
    }

    void thePushEndsBeforeTheEarliestDeadlineOfTheBatch()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        std::vector<ServiceBench::Delivery> deliveries;
        for (const auto timeLeft : {30s, 10s, 20s})
        {
            deliveries.push_back(bench.deliveryOf("m-" + std::to_string(timeLeft.count()), requestTo("u-1")));
            deliveries.back().context =
                std::make_unique<Context>(bench.clock, bench.contextLogger, bench.clock.steady() + timeLeft, false, 4);
        }

        bench.handle(deliveries);

        CPPUNIT_ASSERT(bench.provider.lastDeadline == bench.clock.steady() + 9s);
    }

    void aHandlerWithLittleTimeKeepsMostOfItForThePush()
    {
        ServiceBench bench;
        bench.addDevice("u-1", "phone");
        auto delivery = bench.deliveryOf("m-1", requestTo("u-1"));
        delivery.context = std::make_unique<Context>(bench.clock, bench.contextLogger, bench.clock.steady() + 1s, false, 4);

        bench.handle(std::move(delivery));

        CPPUNIT_ASSERT(bench.provider.lastDeadline == bench.clock.steady() + 800ms);
    }

    /// Promise 8: no token, title, body or user id of a patient in a log line or error text.
    void logLinesNameNoUserNoWordsAndNoAddress()
    {
        ServiceBench bench;
        auto request = requestTo("user-Durand");
        request.title = "title-Durand";
        request.body = "body-Durand";
        request.data = R"({"key-Durand":"data-Durand"})";
        for (const auto outcome : {PushOutcome::Accepted, PushOutcome::AddressDead, PushOutcome::PayloadRefused, PushOutcome::Throttled,
                                   PushOutcome::Transient, PushOutcome::Misconfigured, PushOutcome::ProviderDown, PushOutcome::Ambiguous})
        {
            const std::string suffix(toString(outcome));
            bench.addDevice("user-Durand", "token-Durand-" + suffix);
            bench.provider.scripts["token-Durand-" + suffix] = {answer(outcome, "CODE")};
            auto delivery = bench.deliver("m-" + suffix, request);
            bench.giveUpAndDecide(delivery);
            CPPUNIT_ASSERT(delivery.outcome().reason().find("Durand") == std::string::npos);
        }
        request.userId = "other-Durand";
        bench.deliver("m-unknown", request);

        CPPUNIT_ASSERT(bench.log.contains("id=m-accepted"));
        CPPUNIT_ASSERT(bench.log.contains(notification::addressFingerprint(notification::addressHash("token-Durand-accepted"))));
        CPPUNIT_ASSERT_MESSAGE("a log line names a patient, an address or a text", !bench.log.contains("Durand"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SendingTest);

} // namespace carillon::tests
