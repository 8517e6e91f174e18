#include "contract/store/LedgerContract.h"

#include <stdexcept>

namespace carillon::tests::store
{

using port::Decided;
using port::Decision;
using port::DecisionResult;
using port::MessageKey;

void LedgerContract::aDecisionIsFoundAsItWasMade()
{
    const Envelope envelope = envelopeOf("m1");
    const TimePoint failedAt = now();

    const auto result = decide(failedOf(envelope, Decided::Retry, "gateway throttled", failedAt));

    CPPUNIT_ASSERT(result == DecisionResult::Applied);
    const auto row = rowOf(envelope);
    CPPUNIT_ASSERT(row.has_value());
    CPPUNIT_ASSERT(row->decided == Decided::Retry);
    CPPUNIT_ASSERT_EQUAL(1, row->turn);
    CPPUNIT_ASSERT_EQUAL(1, row->attempt);
    CPPUNIT_ASSERT(row->decidedAt == now());
    CPPUNIT_ASSERT(row->dueAt == failedAt + 2s);
    CPPUNIT_ASSERT(!row->isReopened);
    CPPUNIT_ASSERT(row->history.failures == std::vector{(port::Failure{failedAt, 1, "unavailable", "gateway throttled"})});
}

void LedgerContract::aSecondDecisionOfTheSameTurnIsADuplicate()
{
    const Envelope envelope = envelopeOf("m1");
    CPPUNIT_ASSERT(decide(failedOf(envelope, Decided::Retry, "first", now())) == DecisionResult::Applied);

    CPPUNIT_ASSERT(decide(decisionOf(envelope, Decided::Done)) == DecisionResult::Duplicate);

    CPPUNIT_ASSERT(rowOf(envelope)->decided == Decided::Retry);
}

void LedgerContract::aFinalRowRefusesEveryLaterTurn()
{
    for (const auto final : {Decided::Done, Decided::Dead, Decided::Expired, Decided::Cancelled})
    {
        const std::string id = "m-" + std::string(toString(final));
        CPPUNIT_ASSERT(decide(failedOf(envelopeOf(id), final, "over", now())) == DecisionResult::Applied);

        CPPUNIT_ASSERT(decide(decisionOf(envelopeOf(id, 2), Decided::Done)) == DecisionResult::Duplicate);

        CPPUNIT_ASSERT(rowOf(envelopeOf(id))->decided == final);
    }
}

void LedgerContract::aRetryIsFollowedByItsNextTurn()
{
    for (const auto open : {Decided::Retry, Decided::Defer})
    {
        const std::string id = "m-" + std::string(toString(open));
        CPPUNIT_ASSERT(decide(failedOf(envelopeOf(id), open, "not now", now())) == DecisionResult::Applied);

        CPPUNIT_ASSERT(decide(decisionOf(envelopeOf(id, 2), Decided::Done)) == DecisionResult::Applied);

        CPPUNIT_ASSERT(rowOf(envelopeOf(id))->decided == Decided::Done);
        CPPUNIT_ASSERT_EQUAL(2, rowOf(envelopeOf(id))->turn);
    }
}

void LedgerContract::aMessageTwiceInOneCallIsDecidedOnce()
{
    const Envelope envelope = envelopeOf("m1");
    const std::vector<Decision> twice(2, decisionOf(envelope, Decided::Done));

    const auto results = ledger().decide(twice, {});

    CPPUNIT_ASSERT(results == (std::vector{DecisionResult::Applied, DecisionResult::Duplicate}));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger().tallies()[envelope.type][Decided::Done]);
}

void LedgerContract::theSameIdOfAnotherTypeIsAnotherMessage()
{
    CPPUNIT_ASSERT(decide(decisionOf(envelopeOf("m1", 1, "notification.send"), Decided::Done)) == DecisionResult::Applied);

    CPPUNIT_ASSERT(decide(decisionOf(envelopeOf("m1", 1, "notification.bulk"), Decided::Done)) == DecisionResult::Applied);
}

void LedgerContract::failuresGatherInTheHistory()
{
    decide(failedOf(envelopeOf("m1", 1), Decided::Retry, "one", now()));
    clock().advance(2s);
    decide(failedOf(envelopeOf("m1", 2), Decided::Retry, "two \"quoted\" \xff", now()));
    clock().advance(4s);
    decide(decisionOf(envelopeOf("m1", 3), Decided::Done));

    const auto history = rowOf(envelopeOf("m1"))->history;

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, history.failures.size());
    CPPUNIT_ASSERT_EQUAL(std::string("one"), history.failures[0].reason);
    // Reasons come from anywhere: one that is no UTF-8 must not make the message undecidable.
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, history.failures[1].reason.find("two \"quoted\""));
    CPPUNIT_ASSERT_EQUAL(2, history.failures[1].attempt);
    CPPUNIT_ASSERT(history.failures[1].at - history.failures[0].at == 2s);
}

void LedgerContract::aLongHistoryKeepsItsFirstAndLastTen()
{
    for (int turn = 1; turn <= 25; ++turn) decide(failedOf(envelopeOf("m1", turn), Decided::Retry, std::to_string(turn), now()));

    const auto history = rowOf(envelopeOf("m1"))->history;

    CPPUNIT_ASSERT_EQUAL(std::size_t{20}, history.failures.size());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{5}, history.omitted);
    CPPUNIT_ASSERT_EQUAL(std::string("10"), history.failures[9].reason);
    CPPUNIT_ASSERT_EQUAL(std::string("16"), history.failures[10].reason);
}

void LedgerContract::anUnrecordedSuccessLeavesNoRow()
{
    const Envelope envelope = envelopeOf("m1");
    Decision decision = decisionOf(envelope, Decided::Done);
    decision.isRecorded = false;

    CPPUNIT_ASSERT(decide(decision) == DecisionResult::Applied);

    CPPUNIT_ASSERT(!rowOf(envelope).has_value());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger().tallies()[envelope.type][Decided::Done]);
}

void LedgerContract::anUnrecordedTypesRetryIsRecorded()
{
    const Envelope envelope = envelopeOf("m1");
    Decision decision = failedOf(envelope, Decided::Retry, "no", now());
    decision.isRecorded = false;

    CPPUNIT_ASSERT(decide(decision) == DecisionResult::Applied);

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rowOf(envelope)->history.failures.size());
}

void LedgerContract::anUnrecordedSuccessAfterARetryEndsTheRow()
{
    const Envelope first = envelopeOf("m1", 1);
    decide(failedOf(first, Decided::Retry, "no", now()));
    const Envelope second = envelopeOf("m1", 2);
    Decision decision = decisionOf(second, Decided::Done);
    decision.isRecorded = false;

    CPPUNIT_ASSERT(decide(decision) == DecisionResult::Applied);

    // A row left at `retry` would never be swept.
    CPPUNIT_ASSERT(rowOf(second)->decided == Decided::Done);
}

void LedgerContract::aDecisionWithoutAnIdIsRefused()
{
    // All messages without an id would be one and the same row: the second would be taken for a duplicate and lost.
    CPPUNIT_ASSERT_THROW(decide(decisionOf(envelopeOf(""), Decided::Done)), std::invalid_argument);
}

void LedgerContract::aDeathWithoutAFailureIsRefused()
{
    CPPUNIT_ASSERT_THROW(decide(decisionOf(envelopeOf("m1"), Decided::Dead)), std::invalid_argument);
    CPPUNIT_ASSERT(!rowOf(envelopeOf("m1")).has_value());
}

void LedgerContract::lookUpAnswersInTheOrderOfItsKeys()
{
    decide(decisionOf(envelopeOf("a"), Decided::Done));
    decide(failedOf(envelopeOf("b"), Decided::Defer, "later", now()));
    const std::vector<MessageKey> keys{
        {"notification.send", "b"}, {"notification.send", "missing"}, {"other", "a"}, {"notification.send", "a"}};

    const auto rows = ledger().lookUp(keys);

    CPPUNIT_ASSERT_EQUAL(keys.size(), rows.size());
    CPPUNIT_ASSERT(rows[0]->decided == Decided::Defer);
    CPPUNIT_ASSERT(!rows[1].has_value());
    CPPUNIT_ASSERT(!rows[2].has_value());
    CPPUNIT_ASSERT(rows[3]->decided == Decided::Done);
}

void LedgerContract::lookUpTakesThousandsOfKeys()
{
    decide(decisionOf(envelopeOf("m4999"), Decided::Done));
    std::vector<MessageKey> keys;
    for (int i = 0; i < 5000; ++i) keys.push_back({"notification.send", "m" + std::to_string(i)});

    const auto rows = ledger().lookUp(keys);

    CPPUNIT_ASSERT_EQUAL(std::size_t{5000}, rows.size());
    CPPUNIT_ASSERT(rows[4999].has_value());
    CPPUNIT_ASSERT(!rows[4998].has_value());
}

void LedgerContract::talliesCountAppliedDecisionsOnly()
{
    const std::vector envelopes{envelopeOf("a"), envelopeOf("b"), envelopeOf("c", 1, "other.type")};
    std::vector<Decision> decisions;
    for (const auto& envelope : envelopes) decisions.push_back(decisionOf(envelope, Decided::Done));
    ledger().decide(decisions, {});
    ledger().decide(decisions, {});
    decide(failedOf(envelopeOf("d"), Decided::Retry, "no", now()));

    auto tallies = ledger().tallies();

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, tallies["notification.send"][Decided::Done]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, tallies["notification.send"][Decided::Retry]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, tallies["other.type"][Decided::Done]);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, tallies.size());
}

void LedgerContract::anEmptyCallChangesNothing()
{
    CPPUNIT_ASSERT(ledger().decide({}, {}).empty());
    CPPUNIT_ASSERT(ledger().lookUp({}).empty());
    ledger().markPublished({});
    CPPUNIT_ASSERT(ledger().tallies().empty());
}

void LedgerContract::sweepForgetsOldFinalRowsOnly()
{
    decide(decisionOf(envelopeOf("old"), Decided::Done));
    decide(failedOf(envelopeOf("waiting"), Decided::Retry, "no", now()));
    clock().advance(1h);
    decide(decisionOf(envelopeOf("young"), Decided::Done));

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, ledger().sweep(now(), 100));

    CPPUNIT_ASSERT(!rowOf(envelopeOf("old")).has_value());
    CPPUNIT_ASSERT(rowOf(envelopeOf("waiting")).has_value());
    CPPUNIT_ASSERT(rowOf(envelopeOf("young")).has_value());
    // Totals are of all time.
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, ledger().tallies()["notification.send"][Decided::Done]);
}

void LedgerContract::sweepStopsAtItsLimit()
{
    for (const char* id : {"a", "b", "c"}) decide(decisionOf(envelopeOf(id), Decided::Done));
    clock().advance(1h);

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, ledger().sweep(now(), 2));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, ledger().sweep(now(), 2));
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, ledger().sweep(now(), 2));
}

} // namespace carillon::tests::store
