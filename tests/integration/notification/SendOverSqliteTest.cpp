#include "notification/AddressHash.h"
#include "notification/PushNotificationService.h"
#include "notification/StatusUpdate.h"
#include "stores/sqlite/SqliteStore.h"
#include "support/TemporaryDirectory.h"
#include "support/notification/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace carillon::tests
{

using namespace std::chrono_literals;
using notification::NotificationType;
using port::Decided;

namespace
{

/// Accepts everything but what it was told is dead; counts what reached each address. Thread-safe.
class CountingProvider final : public push::PushProvider
{
public:
    std::string name() const override { return "counting"; }
    void push(std::span<const push::PushRequest> requests, SteadyPoint, const Sink& sink) override
    {
        for (std::size_t index = 0; index < requests.size(); ++index)
        {
            const bool isDead = dead.contains(requests[index].address);
            {
                const std::lock_guard lock(_mutex);
                tags.push_back(requests[index].tag);
            }
            push::PushResult result;
            result.outcome = isDead ? push::PushOutcome::AddressDead : push::PushOutcome::Accepted;
            result.code = isDead ? "UNREGISTERED" : "";
            sink(index, result);
        }
    }

    std::set<std::string> dead;
    std::vector<std::string> tags;

private:
    std::mutex _mutex;
};

/// One delivery and its place in memory: contexts and items refer to it.
struct Delivery
{
    Delivery(const Clock& clock, const Logger& logger, const std::string& messageId, notification::SendRequest sendRequest)
        : context(clock, logger, clock.steady() + 30s, false, 4),
          item(envelope, context),
          request(std::move(sendRequest))
    {
        envelope.id = messageId;
        envelope.type = "notification.send";
    }

    Envelope envelope;
    Context context;
    BatchItem item;
    notification::SendRequest request;
};

} // namespace

/// The service over the real store: its transactions, the deciding one, and several workers at once.
class SendOverSqliteTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SendOverSqliteTest);
    CPPUNIT_TEST(resultsAreAppliedWithTheDecision);
    CPPUNIT_TEST(aRepeatedDecisionAppliesNothing);
    CPPUNIT_TEST(aDeadAddressIsGoneAfterTheDecision);
    CPPUNIT_TEST(aRejectedMessageLeavesAFailedNotification);
    CPPUNIT_TEST(anInfoWhoseResultsWereLostIsNotPushedAgain);
    CPPUNIT_TEST(anAlertWhoseResultsWereLostIsPushedOnceMore);
    CPPUNIT_TEST(ofElevenAtOnceOverFourWorkersTenGoAndOneWaitsForItsMoment);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { _store.setUp(); }

    void resultsAreAppliedWithTheDecision()
    {
        addDevice("u-1", "phone");
        Delivery delivery = deliveryOf("m-1", "u-1", NotificationType::Alert);

        handle(delivery);
        const auto before = _store.notifications().findByMessageId("m-1");
        const auto intents = recordsOf("m-1");
        const auto result = decide(delivery);

        CPPUNIT_ASSERT(before->status == notification::NotificationStatus::Pending);
        CPPUNIT_ASSERT(intents.at(0).state == port::PushState::Intent);
        CPPUNIT_ASSERT(result == port::DecisionResult::Applied);
        const auto after = _store.notifications().find(notification::notificationIdFor("m-1"));
        CPPUNIT_ASSERT(after->status == notification::NotificationStatus::Sent);
        CPPUNIT_ASSERT(after->sentAt == _clock.now());
        CPPUNIT_ASSERT(recordsOf("m-1").at(0).state == port::PushState::Accepted);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _store.ledger().outboxSize());
    }

    void aRepeatedDecisionAppliesNothing()
    {
        addDevice("u-1", "phone");
        Delivery first = deliveryOf("m-1", "u-1", NotificationType::Alert);
        handle(first);
        Delivery second = deliveryOf("m-1", "u-1", NotificationType::Alert);
        handle(second);
        decide(first);

        const auto result = decide(second);

        CPPUNIT_ASSERT(result == port::DecisionResult::Duplicate);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _store.ledger().outboxSize());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, _store.notifications().findByMessageId("m-1")->version);
    }

    void aDeadAddressIsGoneAfterTheDecision()
    {
        addDevice("u-1", "phone");
        addDevice("u-1", "old");
        _provider.dead = {"old"};
        Delivery delivery = deliveryOf("m-1", "u-1", NotificationType::Info);
        handle(delivery);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, addressesOf("u-1").size());

        decide(delivery);

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, addressesOf("u-1").size());
        CPPUNIT_ASSERT_EQUAL(std::string("phone"), addressesOf("u-1").front().value);
    }

    void aRejectedMessageLeavesAFailedNotification()
    {
        Delivery delivery = deliveryOf("m-1", "nobody", NotificationType::Info);
        handle(delivery);
        CPPUNIT_ASSERT(delivery.item.outcome()->kind() == Outcome::Kind::Reject);
        _service.stageFailure(delivery.context.unitOfWork(), "m-1", "wellness");

        decide(delivery);

        CPPUNIT_ASSERT(_store.notifications().findByMessageId("m-1")->status == notification::NotificationStatus::Failed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _store.deadLetters().count({}));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _store.ledger().outboxSize());
    }

    void anInfoWhoseResultsWereLostIsNotPushedAgain()
    {
        addDevice("u-1", "phone");
        Delivery crashed = deliveryOf("m-1", "u-1", NotificationType::Info);
        handle(crashed);

        Delivery repeat = deliveryOf("m-1", "u-1", NotificationType::Info);
        handle(repeat);
        decide(repeat);

        CPPUNIT_ASSERT(repeat.item.outcome()->isAck());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _provider.tags.size());
        CPPUNIT_ASSERT(recordsOf("m-1").at(0).state == port::PushState::Unknown);
    }

    void anAlertWhoseResultsWereLostIsPushedOnceMore()
    {
        addDevice("u-1", "phone");
        Delivery crashed = deliveryOf("m-1", "u-1", NotificationType::Alert);
        handle(crashed);

        Delivery repeat = deliveryOf("m-1", "u-1", NotificationType::Alert);
        handle(repeat);
        decide(repeat);

        CPPUNIT_ASSERT((_provider.tags == std::vector<std::string>{"m-1", "m-1"}));
        const auto record = recordsOf("m-1").at(0);
        CPPUNIT_ASSERT(record.state == port::PushState::Accepted);
        CPPUNIT_ASSERT_EQUAL(2, record.sends);
        CPPUNIT_ASSERT_EQUAL(1, record.unknowns);
    }

    /// "Eleven sends to one user published at once and handled by several workers: ten at once, the eleventh when its minute allows."
    void ofElevenAtOnceOverFourWorkersTenGoAndOneWaitsForItsMoment()
    {
        addDevice("u-1", "phone");
        std::vector<std::unique_ptr<Delivery>> deliveries;
        for (int i = 0; i < 11; ++i)
            deliveries.push_back(
                std::make_unique<Delivery>(_clock, _logger, "m-" + std::to_string(i), requestTo("u-1", NotificationType::Info)));

        std::vector<std::thread> workers;
        for (std::size_t worker = 0; worker < 4; ++worker)
            workers.emplace_back(
                [&, worker]
                {
                    for (std::size_t i = worker; i < deliveries.size(); i += 4)
                    {
                        handle(*deliveries[i]);
                        decide(*deliveries[i]);
                    }
                });
        for (std::thread& worker : workers) worker.join();

        const auto count = [&](Outcome::Kind kind)
        { return std::ranges::count_if(deliveries, [kind](const auto& delivery) { return delivery->item.outcome()->kind() == kind; }); };
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{10}, count(Outcome::Kind::Ack));
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1}, count(Outcome::Kind::Defer));
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, _provider.tags.size());
        const auto& held = *std::ranges::find_if(deliveries, [](const auto& delivery) { return !delivery->item.outcome()->isAck(); });
        CPPUNIT_ASSERT(held->item.outcome()->until() == _clock.now() + 60s);

        _clock.advance(60s);
        Delivery later = deliveryOf(held->envelope.id, "u-1", NotificationType::Info);
        later.envelope.turn = 2;
        handle(later);
        CPPUNIT_ASSERT(later.item.outcome()->isAck());
        CPPUNIT_ASSERT(decide(later) == port::DecisionResult::Applied);
    }

private:
    static notification::SendRequest requestTo(const std::string& userId, NotificationType type)
    {
        return {.userId = userId, .type = type, .title = "Bonjour", .body = "Été", .data = "[]", .serviceName = "wellness"};
    }
    Delivery deliveryOf(const std::string& messageId, const std::string& userId, NotificationType type)
    {
        return Delivery(_clock, _logger, messageId, requestTo(userId, type));
    }
    void addDevice(const std::string& userId, const std::string& token)
    {
        _store.devices().put(userId, {"token", token, "android", "carnet", _clock.now() - 24h});
    }
    std::vector<notification::Address> addressesOf(const std::string& userId)
    {
        const std::string ids[] = {userId};
        return _store.devices().addressesOf(ids)[userId];
    }
    std::vector<port::PushRecord> recordsOf(const std::string& messageId)
    {
        const std::string ids[] = {messageId};
        return _store.pushLedger().recordsOf(ids)[messageId];
    }

    void handle(Delivery& delivery)
    {
        notification::SendJob job{&delivery.item, delivery.request};
        _service.send({&job, 1});
    }

    port::DecisionResult decide(Delivery& delivery)
    {
        const Outcome& outcome = *delivery.item.outcome();
        port::Decision decision;
        decision.envelope = &delivery.envelope;
        decision.work = &delivery.context.unitOfWork();
        decision.transport = "notifications";
        switch (outcome.kind())
        {
        case Outcome::Kind::Ack: decision.decided = Decided::Done; break;
        case Outcome::Kind::Defer:
            decision.decided = Decided::Defer;
            decision.dueAt = *outcome.until();
            break;
        default:
            decision.decided = Decided::Dead;
            decision.failure = port::Failure{_clock.now(), 1, outcome.errorClass(), outcome.reason()};
        }
        for (const Envelope& followUp : delivery.context.unitOfWork().followUps()) decision.outbox.push_back({0, "services", followUp});
        return _store.ledger().decide({&decision, 1}, nullptr).front();
    }

    static sqlite::Options quickOptions()
    {
        // Not synchronised at each commit: no test cuts the power.
        sqlite::Options options;
        options.durability = sqlite::Durability::Normal;
        return options;
    }
    static notification::PushNotificationOptions serviceOptions()
    {
        notification::PushNotificationOptions options;
        options.alert = options.reminder = options.info = {"Message", "Ouvrez l’application."};
        return options;
    }

    TemporaryDirectory _directory;
    ManualClock _clock;
    Logger _logger;
    stores::sqlite::SqliteStore _store{sqlite::Database::open(_directory / "carillon.db", quickOptions()), _clock};
    CountingProvider _provider;
    notification::PushNotificationService _service{
        {_store.notifications(), _store.devices(), _store.ledger(), _store.pushLedger(), _store.rateLimiter(), _provider, _clock, _logger},
        serviceOptions()};
};

CPPUNIT_TEST_SUITE_REGISTRATION(SendOverSqliteTest);

} // namespace carillon::tests
