#include "contract/store/DeadLettersContract.h"

#include "carillon/Errors.h"

#include <algorithm>

namespace carillon::tests::store
{

using Ids = std::vector<std::string>;
using port::DeadLetterFilter;
using port::Decided;
using port::DecisionResult;

namespace
{

const auto publishNothing = [](StoreSession&, const Envelope&) { return std::optional<port::OutboxMessage>{}; };

} // namespace

void DeadLettersContract::die(const Envelope& envelope, const std::string& transport)
{
    port::Decision decision = failedOf(envelope, Decided::Dead, "gave up", now());
    decision.transport = transport;
    CPPUNIT_ASSERT(decide(decision) == DecisionResult::Applied);
}

std::vector<std::string> DeadLettersContract::idsOf(const port::DeadLetters::Page& page)
{
    Ids ids;
    for (const auto& letter : page.letters) ids.push_back(letter.envelope.id);
    return ids;
}

std::vector<std::string> DeadLettersContract::allPages(const DeadLetterFilter& filter, std::size_t pageSize)
{
    Ids all;
    std::string cursor;
    do {
        const auto page = letters().list(filter, pageSize, cursor);
        const Ids ids = idsOf(page);
        all.insert(all.end(), ids.begin(), ids.end());
        cursor = page.nextCursor;
        CPPUNIT_ASSERT(cursor.empty() || ids.size() == pageSize);
    } while (!cursor.empty());
    return all;
}

void DeadLettersContract::aDeadMessageIsKeptWithAllThatIsKnown()
{
    decide(failedOf(envelopeOf("m1", 1), Decided::Retry, "first", now()));
    clock().advance(2s);
    die(envelopeOf("m1", 2));

    const auto letter = letters().find("m1");

    CPPUNIT_ASSERT(letter.has_value());
    CPPUNIT_ASSERT(letter->envelope == envelopeOf("m1", 2));
    CPPUNIT_ASSERT_EQUAL(std::string("notifications"), letter->transport);
    CPPUNIT_ASSERT(letter->failedAt == now());
    CPPUNIT_ASSERT(letter->lastFailure == (port::Failure{now(), 2, "unavailable", "gave up"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, letter->history.failures.size());
    CPPUNIT_ASSERT_EQUAL(std::string("first"), letter->history.failures[0].reason);
    CPPUNIT_ASSERT(letter->history.failures[1] == letter->lastFailure);
    CPPUNIT_ASSERT_EQUAL(0, letter->replays);
    CPPUNIT_ASSERT(letter->raw.empty());
    CPPUNIT_ASSERT(!letters().find("m2").has_value());
}

void DeadLettersContract::undecodableBytesAreKeptAsTheyCame()
{
    const Envelope envelope = envelopeOf("m1");
    port::Decision decision = failedOf(envelope, Decided::Dead, "no JSON", now());
    decision.raw = std::string("\x00\xff\xfe{", 4);
    decide(decision);

    CPPUNIT_ASSERT_EQUAL(decision.raw, letters().find("m1")->raw);
}

void DeadLettersContract::theListGoesFromTheLatestFailureDownByPages()
{
    for (const char* id : {"a", "b", "c", "d", "e"})
    {
        die(envelopeOf(id));
        clock().advance(1s);
    }

    const auto first = letters().list({}, 2, "");
    const auto second = letters().list({}, 2, first.nextCursor);
    const auto third = letters().list({}, 2, second.nextCursor);

    CPPUNIT_ASSERT(idsOf(first) == (Ids{"e", "d"}));
    CPPUNIT_ASSERT(idsOf(second) == (Ids{"c", "b"}));
    CPPUNIT_ASSERT(idsOf(third) == (Ids{"a"}));
    CPPUNIT_ASSERT(third.nextCursor.empty());
    CPPUNIT_ASSERT(letters().list({}, 5, "").nextCursor.empty());
}

void DeadLettersContract::pagesNeitherRepeatNorSkipWhereFailuresShareTheirMoment()
{
    for (const char* id : {"a", "b", "c", "d", "e"}) die(envelopeOf(id));
    die(envelopeOf("c", 1, "notification.bulk"));

    Ids all = allPages({}, 2);

    std::sort(all.begin(), all.end());
    CPPUNIT_ASSERT(all == (Ids{"a", "b", "c", "c", "d", "e"}));
}

void DeadLettersContract::pagesStayRightWhenLettersComeAndGo()
{
    for (const char* id : {"a", "b", "c", "d"})
    {
        die(envelopeOf(id));
        clock().advance(1s);
    }
    const auto first = letters().list({}, 2, "");

    // The last one seen goes, and a newer one comes.
    letters().remove(Ids{"c"});
    die(envelopeOf("new"));

    CPPUNIT_ASSERT(idsOf(letters().list({}, 2, first.nextCursor)) == (Ids{"b", "a"}));
}

void DeadLettersContract::aBadCursorIsAnErrorThatNamesTheRemedy()
{
    die(envelopeOf("a"));
    for (const char* cursor : {"nonsense", "-", "zz", "00"})
    {
        try
        {
            letters().list({}, 2, cursor);
            CPPUNIT_FAIL(std::string("accepted ") + cursor);
        }
        catch (const InvalidInput& error)
        {
            CPPUNIT_ASSERT(std::string(error.what()).find("first page") != std::string::npos);
        }
    }
}

void DeadLettersContract::filtersChooseByTypeTransportAndTime()
{
    die(envelopeOf("a", 1, "t1"), "x");
    clock().advance(1min);
    const TimePoint middle = now();
    die(envelopeOf("b", 1, "t1"), "y");
    clock().advance(1min);
    die(envelopeOf("c", 1, "t2"), "y");

    DeadLetterFilter type;
    type.type = "t1";
    DeadLetterFilter transport;
    transport.transport = "y";
    DeadLetterFilter both;
    both.type = "t1";
    both.transport = "y";
    // From `failedAfter` on, until before `failedBefore`: periods side by side have each letter once.
    DeadLetterFilter before;
    before.failedBefore = middle;
    DeadLetterFilter after;
    after.failedAfter = middle;

    CPPUNIT_ASSERT(allPages(type, 1) == (Ids{"b", "a"}));
    CPPUNIT_ASSERT(allPages(transport, 1) == (Ids{"c", "b"}));
    CPPUNIT_ASSERT(allPages(both, 1) == (Ids{"b"}));
    CPPUNIT_ASSERT(allPages(before, 1) == (Ids{"a"}));
    CPPUNIT_ASSERT(allPages(after, 1) == (Ids{"c", "b"}));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, letters().count({}));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, letters().count(both));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, letters().count(after));
}

void DeadLettersContract::lettersAreCountedByType()
{
    die(envelopeOf("a", 1, "t1"));
    die(envelopeOf("b", 1, "t1"));
    die(envelopeOf("c", 1, "t2"));

    CPPUNIT_ASSERT(letters().countByType() == (std::map<std::string, std::uint64_t>{{"t1", 2}, {"t2", 1}}));
}

void DeadLettersContract::aReleasedLetterBeginsAnewAtItsNextTurn()
{
    decide(failedOf(envelopeOf("m1", 1), Decided::Retry, "first", now()));
    die(envelopeOf("m1", 2));
    std::optional<Envelope> published;

    const auto released = letters().release("m1",
                                            [&](StoreSession&, const Envelope& envelope)
                                            {
                                                published = envelope;
                                                return std::optional<port::OutboxMessage>{};
                                            });

    CPPUNIT_ASSERT(released.has_value());
    CPPUNIT_ASSERT(released == published);
    CPPUNIT_ASSERT_EQUAL(1, released->attempt);
    CPPUNIT_ASSERT_EQUAL(3, released->turn);
    CPPUNIT_ASSERT(!released->dueAt.has_value());
    CPPUNIT_ASSERT_EQUAL(envelopeOf("m1").body, released->body);
    CPPUNIT_ASSERT(!letters().find("m1").has_value());
    const auto row = rowOf(*released);
    CPPUNIT_ASSERT(row->isReopened);
    CPPUNIT_ASSERT_EQUAL(2, row->turn);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, row->history.failures.size());
}

void DeadLettersContract::aReleasedMessageMayBeDecidedAgainButNotItsOldTurn()
{
    die(envelopeOf("m1"));
    const auto released = letters().release("m1", publishNothing);

    // A delivery of the dead turn comes late.
    CPPUNIT_ASSERT(decide(decisionOf(envelopeOf("m1"), Decided::Done)) == DecisionResult::Duplicate);
    CPPUNIT_ASSERT(decide(decisionOf(*released, Decided::Done)) == DecisionResult::Applied);
    CPPUNIT_ASSERT(!rowOf(*released)->isReopened);
    CPPUNIT_ASSERT(decide(decisionOf(envelopeOf("m1", 3), Decided::Done)) == DecisionResult::Duplicate);
}

void DeadLettersContract::aReleasedMessageThatDiesAgainCountsItsReplays()
{
    die(envelopeOf("m1"));
    for (int replay = 1; replay <= 3; ++replay)
    {
        const auto released = letters().release("m1", publishNothing);
        die(*released);

        CPPUNIT_ASSERT_EQUAL(replay, letters().find("m1")->replays);
        CPPUNIT_ASSERT_EQUAL(static_cast<std::size_t>(replay) + 1, letters().find("m1")->history.failures.size());
    }
}

void DeadLettersContract::aReleaseAfterTheRowWasSweptKeepsTurnAndHistory()
{
    die(envelopeOf("m1", 4));
    clock().advance(1h);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, ledger().sweep(now(), 10));

    const auto released = letters().release("m1", publishNothing);
    CPPUNIT_ASSERT_EQUAL(5, released->turn);
    CPPUNIT_ASSERT(decide(decisionOf(envelopeOf("m1", 4), Decided::Done)) == DecisionResult::Duplicate);
    die(*released);

    CPPUNIT_ASSERT_EQUAL(1, letters().find("m1")->replays);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, letters().find("m1")->history.failures.size());
}

void DeadLettersContract::aReleasedRowIsNotSwept()
{
    die(envelopeOf("m1"));
    letters().release("m1", publishNothing);
    clock().advance(1h);

    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, ledger().sweep(now(), 10));
}

void DeadLettersContract::aReleaseMayAnswerWithAnOutboxRow()
{
    die(envelopeOf("m1"));

    letters().release("m1", [](StoreSession&, const Envelope& envelope) { return std::optional(outboxOf("notifications", envelope)); });

    const auto rows = ledger().claimOutbox(10, 30s);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, rows.size());
    CPPUNIT_ASSERT_EQUAL(2, rows[0].envelope.turn);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, ledger().outboxOf({"notification.send", "m1"}).size());
}

void DeadLettersContract::aThrowOfPublishKeepsTheLetter()
{
    die(envelopeOf("m1"));

    CPPUNIT_ASSERT_THROW(
        letters().release("m1", [](StoreSession&, const Envelope&) -> std::optional<port::OutboxMessage> { throw TransportError("full"); }),
        TransportError);

    CPPUNIT_ASSERT_EQUAL(0, letters().find("m1")->replays);
    CPPUNIT_ASSERT(!rowOf(envelopeOf("m1"))->isReopened);
}

void DeadLettersContract::releasingAnUnknownLetterGivesNothing()
{
    bool isAsked = false;

    const auto released = letters().release("m1",
                                            [&](StoreSession&, const Envelope&)
                                            {
                                                isAsked = true;
                                                return std::optional<port::OutboxMessage>{};
                                            });

    CPPUNIT_ASSERT(!released.has_value());
    CPPUNIT_ASSERT(!isAsked);
}

void DeadLettersContract::lettersAreRemovedById()
{
    for (const char* id : {"a", "b", "c"}) die(envelopeOf(id));

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, letters().remove(Ids{"a", "missing", "c"}));

    CPPUNIT_ASSERT(allPages({}, 10) == (Ids{"b"}));
}

void DeadLettersContract::lettersAreRemovedByFilter()
{
    die(envelopeOf("a", 1, "t1"));
    die(envelopeOf("b", 1, "t2"));
    DeadLetterFilter filter;
    filter.type = "t1";

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, letters().removeAll(filter));
    CPPUNIT_ASSERT(allPages({}, 10) == (Ids{"b"}));
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, letters().removeAll({}));
}

void DeadLettersContract::aRemovedLettersMessageStaysDead()
{
    die(envelopeOf("m1"));
    letters().remove(Ids{"m1"});

    CPPUNIT_ASSERT(decide(decisionOf(envelopeOf("m1", 2), Decided::Done)) == DecisionResult::Duplicate);
}

} // namespace carillon::tests::store
