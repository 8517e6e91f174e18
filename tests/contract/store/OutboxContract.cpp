#include "contract/store/OutboxContract.h"

namespace carillon::tests::store
{

using Ids = std::vector<std::string>;
using port::Decided;

void OutboxContract::commitRows(const std::vector<std::string>& ids)
{
    std::vector<port::OutboxMessage> rows;
    for (const auto& id : ids) rows.push_back(outboxOf("services", envelopeOf(id)));
    ledger().commit(UnitOfWork{}, rows, {});
}

std::vector<std::string> OutboxContract::claim(std::size_t limit, std::chrono::milliseconds claimFor)
{
    Ids ids;
    for (const auto& row : ledger().claimOutbox(limit, claimFor)) ids.push_back(row.envelope.id);
    return ids;
}

void OutboxContract::aRowKeepsEveryFieldOfItsEnvelope()
{
    commitRows({"m1"});

    const auto rows = ledger().claimOutbox(10, 30s);

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows.size());
    CPPUNIT_ASSERT_EQUAL(std::string("services"), rows[0].transport);
    CPPUNIT_ASSERT(rows[0].envelope == envelopeOf("m1"));
}

void OutboxContract::absentFieldsStayAbsent()
{
    Envelope bare;
    bare.id = "bare";
    bare.type = "t";
    const std::vector rows{outboxOf("services", bare)};
    ledger().commit(UnitOfWork{}, rows, {});

    CPPUNIT_ASSERT(ledger().claimOutbox(10, 30s).at(0).envelope == bare);
}

void OutboxContract::rowsAreClaimedOldestFirst()
{
    commitRows({"a", "b"});
    commitRows({"c"});

    CPPUNIT_ASSERT(claim(2) == (Ids{"a", "b"}));
    CPPUNIT_ASSERT(claim(2) == (Ids{"c"}));
}

void OutboxContract::aClaimedRowIsNotGivenAgain()
{
    commitRows({"a"});
    CPPUNIT_ASSERT(claim() == (Ids{"a"}));
    underTest().passLeaseTime(29s);

    CPPUNIT_ASSERT(claim().empty());
    CPPUNIT_ASSERT(underTest().openAgain()->ledger().claimOutbox(10, 30s).empty());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger().outboxSize());
}

void OutboxContract::aClaimThatRanOutIsGivenAgain()
{
    commitRows({"a"});
    CPPUNIT_ASSERT(claim() == (Ids{"a"}));
    underTest().passLeaseTime(30s);

    CPPUNIT_ASSERT(claim() == (Ids{"a"}));
}

void OutboxContract::publishedRowsAreGone()
{
    commitRows({"a", "b"});
    const auto rows = ledger().claimOutbox(1, 30s);
    const std::vector sequences{rows.at(0).sequence};

    ledger().markPublished(sequences);

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger().outboxSize());
    CPPUNIT_ASSERT(claim() == (Ids{"b"}));
}

void OutboxContract::markingTwiceIsHarmless()
{
    commitRows({"a"});
    const std::vector sequences{ledger().claimOutbox(1, 30s).at(0).sequence};
    ledger().markPublished(sequences);

    ledger().markPublished(sequences);

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger().outboxSize());
}

void OutboxContract::outboxOfFindsTheRowsOfOneDecisionOnly()
{
    const Envelope first = envelopeOf("m1");
    const Envelope second = envelopeOf("m2");
    std::vector decisions{decisionOf(first, Decided::Done), decisionOf(second, Decided::Done)};
    decisions[0].outbox = {outboxOf("services", envelopeOf("f1")), outboxOf("notifications", envelopeOf("f2"))};
    decisions[1].outbox = {outboxOf("services", envelopeOf("f3"))};
    ledger().decide(decisions, {});

    const auto rows = ledger().outboxOf({first.type, first.id});

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, rows.size());
    CPPUNIT_ASSERT_EQUAL(std::string("f1"), rows[0].envelope.id);
    CPPUNIT_ASSERT_EQUAL(std::string("notifications"), rows[1].transport);
    CPPUNIT_ASSERT(ledger().outboxOf({"other", first.id}).empty());
}

void OutboxContract::outboxOfSeesClaimedRows()
{
    // The relay may have died with its claim: the redelivered message finishes its decision all the same.
    const Envelope envelope = envelopeOf("m1");
    port::Decision decision = decisionOf(envelope, Decided::Done);
    decision.outbox = {outboxOf("services", envelopeOf("f1"))};
    decide(decision);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, claim().size());

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, ledger().outboxOf({envelope.type, envelope.id}).size());
}

void OutboxContract::aSequenceIsNeverUsedAgain()
{
    // A relay that is late with markPublished() would delete a row that is not published yet.
    commitRows({"a"});
    const auto first = ledger().claimOutbox(1, 30s).at(0).sequence;
    ledger().markPublished(std::vector{first});
    commitRows({"b"});

    ledger().markPublished(std::vector{first});

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, ledger().outboxSize());
    CPPUNIT_ASSERT(ledger().claimOutbox(1, 30s).at(0).sequence > first);
}

void OutboxContract::theRowsOutliveTheirProcess()
{
    commitRows({"a"});

    const auto other = underTest().openAgain();

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, other->ledger().outboxSize());
    CPPUNIT_ASSERT_EQUAL(std::string("a"), other->ledger().claimOutbox(1, 30s).at(0).envelope.id);
}

} // namespace carillon::tests::store
