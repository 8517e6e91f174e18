#include "contract/store/TransactionContract.h"

#include "carillon/Errors.h"
#include "carillon/notification/NotificationRepository.h"
#include "port/DeadLetters.h"

#include <stdexcept>

namespace carillon::tests::store
{

using notification::Notification;
using port::Decided;
using port::Decision;
using port::DecisionResult;

namespace
{

Notification notificationFor(const std::string& messageId)
{
    Notification notification;
    notification.id = notification::notificationIdFor(messageId);
    notification.messageId = messageId;
    notification.userId = "user-7";
    notification.serviceName = "diabetes";
    return notification;
}

} // namespace

struct TransactionContract::Three
{
    explicit Three(port::Store& store)
    {
        for (std::size_t i = 0; i < envelopes.size(); ++i)
        {
            store.notifications().stageInsert(works[i], notificationFor(envelopes[i].id));
            decisions.push_back(decisionOf(envelopes[i], Decided::Done));
            decisions.back().work = &works[i];
            decisions.back().outbox = {outboxOf("services", envelopeOf("follow-" + envelopes[i].id))};
        }
    }

    std::vector<Envelope> envelopes{envelopeOf("a"), envelopeOf("b"), envelopeOf("c")};
    std::vector<UnitOfWork> works{3};
    std::vector<Decision> decisions;
};

bool TransactionContract::isApplied(const std::string& id)
{
    const bool hasOutbox = ledger().outboxOf({"notification.send", id}).size() == 1;
    return rowOf(envelopeOf(id)).has_value() && store().notifications().findByMessageId(id).has_value() && hasOutbox;
}

bool TransactionContract::leftNothing(const std::string& id)
{
    const bool hasOutbox = !ledger().outboxOf({"notification.send", id}).empty();
    return !rowOf(envelopeOf(id)).has_value() && !store().notifications().findByMessageId(id).has_value() && !hasOutbox;
}

void TransactionContract::stagedWritesAreAppliedInOrderWithTheDecision()
{
    const Envelope envelope = envelopeOf("m1");
    UnitOfWork work;
    store().notifications().stageInsert(work, notificationFor("m1"));
    store().notifications().stageStatus(work, "m1", notification::NotificationStatus::Sent, now());
    Decision decision = decisionOf(envelope, Decided::Done);
    decision.work = &work;

    CPPUNIT_ASSERT(decide(decision) == DecisionResult::Applied);

    const auto stored = store().notifications().findByMessageId("m1");
    CPPUNIT_ASSERT(stored.has_value());
    CPPUNIT_ASSERT(stored->status == notification::NotificationStatus::Sent);
}

void TransactionContract::aDuplicateAppliesNothing()
{
    const Envelope envelope = envelopeOf("m1");
    decide(decisionOf(envelope, Decided::Done));
    bool isWritten = false;
    bool isAsked = false;
    UnitOfWork work;
    work.stage([&](StoreSession&) { isWritten = true; });
    Decision decision = failedOf(envelope, Decided::Dead, "late", now());
    decision.work = &work;
    decision.outbox = {outboxOf("services", envelopeOf("follow"))};

    const auto result = decide(decision, [&](StoreSession&, std::size_t) { return isAsked = true; });

    CPPUNIT_ASSERT(result == DecisionResult::Duplicate);
    CPPUNIT_ASSERT(!isWritten);
    CPPUNIT_ASSERT(!isAsked);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger().outboxSize());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store().deadLetters().count({}));
}

void TransactionContract::withinRunsLastForEachDecisionWithItsIndex()
{
    Three three(store());
    std::vector<std::string> order;
    for (std::size_t i = 0; i < 3; ++i) three.works[i].stage([&order, i](StoreSession&) { order.push_back("write " + std::to_string(i)); });

    ledger().decide(three.decisions,
                    [&](StoreSession&, std::size_t index)
                    {
                        order.push_back("within " + std::to_string(index));
                        return true;
                    });

    CPPUNIT_ASSERT(order == (std::vector<std::string>{"write 0", "within 0", "write 1", "within 1", "write 2", "within 2"}));
}

void TransactionContract::aNoOfWithinRollsBackThatDecisionAlone()
{
    Three three(store());

    const auto results = ledger().decide(three.decisions, [](StoreSession&, std::size_t index) { return index != 1; });

    CPPUNIT_ASSERT(results == (std::vector{DecisionResult::Applied, DecisionResult::Lost, DecisionResult::Applied}));
    CPPUNIT_ASSERT(isApplied("a"));
    CPPUNIT_ASSERT(leftNothing("b"));
    CPPUNIT_ASSERT(isApplied("c"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, ledger().tallies()["notification.send"][Decided::Done]);
}

void TransactionContract::aThrowOfWithinRollsBackThatDecisionAlone()
{
    Three three(store());

    const auto results = ledger().decide(three.decisions,
                                         [](StoreSession&, std::size_t index)
                                         {
                                             if (index == 1) throw TransportError("refused");
                                             return true;
                                         });

    CPPUNIT_ASSERT(results == (std::vector{DecisionResult::Applied, DecisionResult::Lost, DecisionResult::Applied}));
    CPPUNIT_ASSERT(isApplied("a"));
    CPPUNIT_ASSERT(leftNothing("b"));
    CPPUNIT_ASSERT(isApplied("c"));
}

void TransactionContract::aStoreErrorOfWithinRollsBackTheWholeCall()
{
    Three three(store());

    CPPUNIT_ASSERT_THROW(ledger().decide(three.decisions,
                                         [](StoreSession&, std::size_t index)
                                         {
                                             if (index == 1) throw StorageFull("no room");
                                             return true;
                                         }),
                         StorageFull);

    for (const char* id : {"a", "b", "c"}) CPPUNIT_ASSERT(leftNothing(id));
    CPPUNIT_ASSERT(ledger().tallies().empty());
}

void TransactionContract::aVersionConflictRollsBackThatDecisionAlone()
{
    Three three(store());
    three.works[1].stage([](StoreSession&) { throw VersionConflict("schedule changed"); });

    const auto results = ledger().decide(three.decisions, {});

    CPPUNIT_ASSERT(results == (std::vector{DecisionResult::Applied, DecisionResult::Conflict, DecisionResult::Applied}));
    CPPUNIT_ASSERT(isApplied("a"));
    CPPUNIT_ASSERT(leftNothing("b"));
    CPPUNIT_ASSERT(isApplied("c"));
}

void TransactionContract::anyOtherThrowOfAStagedWriteRollsBackTheWholeCall()
{
    // The caller must learn of it, and which message it was it finds by deciding one by one.
    Three three(store());
    three.works[2].stage([](StoreSession&) { throw std::length_error("a bug of the handler"); });

    CPPUNIT_ASSERT_THROW(ledger().decide(three.decisions, {}), std::length_error);

    for (const char* id : {"a", "b", "c"}) CPPUNIT_ASSERT(leftNothing(id));
}

void TransactionContract::aRolledBackDecisionMayBeMadeAgain()
{
    Three three(store());
    ledger().decide(three.decisions, [](StoreSession&, std::size_t) { return false; });

    const auto results = ledger().decide(three.decisions, {});

    CPPUNIT_ASSERT(results == std::vector(3, DecisionResult::Applied));
    CPPUNIT_ASSERT(isApplied("b"));
}

void TransactionContract::aRolledBackDeathLeavesNoDeadLetter()
{
    const Envelope envelope = envelopeOf("m1");

    const auto result = decide(failedOf(envelope, Decided::Dead, "no", now()), [](StoreSession&, std::size_t) { return false; });

    CPPUNIT_ASSERT(result == DecisionResult::Lost);
    CPPUNIT_ASSERT(!rowOf(envelope).has_value());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store().deadLetters().count({}));
}

void TransactionContract::commitAppliesWritesOutboxAndWithinTogether()
{
    UnitOfWork work;
    store().notifications().stageInsert(work, notificationFor("m1"));
    const std::vector rows{outboxOf("notifications", envelopeOf("m1"))};
    bool isAsked = false;

    ledger().commit(work, rows, [&](StoreSession&) { isAsked = true; });

    CPPUNIT_ASSERT(isAsked);
    CPPUNIT_ASSERT(store().notifications().findByMessageId("m1").has_value());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger().outboxSize());
}

void TransactionContract::aThrowInCommitLeavesNothing()
{
    UnitOfWork work;
    store().notifications().stageInsert(work, notificationFor("m1"));
    const std::vector rows{outboxOf("notifications", envelopeOf("m1"))};

    CPPUNIT_ASSERT_THROW(ledger().commit(work, rows, [](StoreSession&) { throw InvalidInput("refused"); }), InvalidInput);

    CPPUNIT_ASSERT(!store().notifications().findByMessageId("m1").has_value());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger().outboxSize());
}

void TransactionContract::theStoreWorksOnAfterARollback()
{
    UnitOfWork work;
    work.stage([](StoreSession&) { throw VersionConflict("changed"); });
    CPPUNIT_ASSERT_THROW(ledger().commit(work, {}, {}), VersionConflict);

    CPPUNIT_ASSERT(decide(decisionOf(envelopeOf("m1"), Decided::Done)) == DecisionResult::Applied);
    store().check();
}

} // namespace carillon::tests::store
