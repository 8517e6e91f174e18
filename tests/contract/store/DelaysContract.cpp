#include "contract/store/DelaysContract.h"

#include "carillon/Errors.h"
#include "port/Delays.h"

#include <stdexcept>

namespace carillon::tests::store
{

using Ids = std::vector<std::string>;

port::OutboxMessage DelaysContract::delayed(const std::string& id, std::chrono::milliseconds in, const std::string& transport)
{
    Envelope envelope = envelopeOf(id);
    envelope.dueAt = now() + in;
    return outboxOf(transport, envelope);
}

void DelaysContract::put(const std::string& id, std::chrono::milliseconds in, const std::string& transport)
{
    const auto message = delayed(id, in, transport);
    store().delays().put({&message, 1});
}

std::vector<std::string> DelaysContract::claim(std::size_t limit)
{
    Ids ids;
    for (const auto& message : store().delays().claimDue(now(), limit, 30s)) ids.push_back(message.envelope.id);
    return ids;
}

void DelaysContract::whatIsDueIsClaimedEarliestFirst()
{
    put("later", 3s);
    put("soon", 1s);
    put("middle", 2s);
    CPPUNIT_ASSERT(claim().empty());
    clock().advance(2s);

    CPPUNIT_ASSERT(claim() == (Ids{"soon", "middle"}));

    clock().advance(1s);
    CPPUNIT_ASSERT(claim() == (Ids{"later"}));
}

void DelaysContract::aDelayedMessageKeepsEveryField()
{
    const auto message = delayed("m1", 0s);
    store().delays().put({&message, 1});

    const auto claimed = store().delays().claimDue(now(), 10, 30s);

    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, claimed.size());
    CPPUNIT_ASSERT(claimed[0].envelope == message.envelope);
    CPPUNIT_ASSERT_EQUAL(message.transport, claimed[0].transport);
    CPPUNIT_ASSERT(claimed[0].sequence > 0);
}

void DelaysContract::aMessageWithoutADueTimeIsRefused()
{
    auto message = delayed("m1", 0s);
    message.envelope.dueAt.reset();

    CPPUNIT_ASSERT_THROW(store().delays().put({&message, 1}), std::invalid_argument);
}

void DelaysContract::puttingAgainReplaces()
{
    put("m1", 1s);
    put("m1", 5s, "other");

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store().delays().count("notifications"));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store().delays().count("other"));
    CPPUNIT_ASSERT(store().delays().nextDue() == now() + 5s);
}

void DelaysContract::aLateRelayCannotDeleteWhatReplacedItsMessage()
{
    put("m1", 0s);
    const std::vector sequences{store().delays().claimDue(now(), 1, 30s).at(0).sequence};
    // It was published, failed, and is delayed once more before the relay marks the first one.
    put("m1", 8s);

    store().delays().markPublished(sequences);

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store().delays().count("notifications"));
    clock().advance(8s);
    CPPUNIT_ASSERT(claim() == (Ids{"m1"}));
}

void DelaysContract::aClaimLastsAsLongAsItWasMadeFor()
{
    put("m1", 0s);
    CPPUNIT_ASSERT(claim() == (Ids{"m1"}));
    underTest().passLeaseTime(29s);
    CPPUNIT_ASSERT(claim().empty());

    underTest().passLeaseTime(1s);

    CPPUNIT_ASSERT(claim() == (Ids{"m1"}));
}

void DelaysContract::publishedOnesAreGone()
{
    put("a", 0s);
    put("b", 0s);
    const auto claimed = store().delays().claimDue(now(), 2, 30s);

    store().delays().markPublished(std::vector{claimed.at(0).sequence, claimed.at(1).sequence});

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store().delays().count("notifications"));
    underTest().passLeaseTime(1h);
    CPPUNIT_ASSERT(claim().empty());
}

void DelaysContract::nextDueIsTheEarliestUnclaimed()
{
    CPPUNIT_ASSERT(!store().delays().nextDue().has_value());
    put("a", 0s);
    put("b", 7s);
    CPPUNIT_ASSERT(store().delays().nextDue() == now());

    // What is being published must not wake its relay again at once.
    CPPUNIT_ASSERT(claim() == (Ids{"a"}));

    CPPUNIT_ASSERT(store().delays().nextDue() == now() + 7s);
}

void DelaysContract::theListPagesByTransportAndSequence()
{
    put("a", 3s);
    put("b", 2s, "other");
    put("c", 1s);

    const auto first = store().delays().list("notifications", 1, 0);
    const auto second = store().delays().list("notifications", 10, first.at(0).sequence);

    CPPUNIT_ASSERT_EQUAL(std::string("a"), first[0].envelope.id);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, second.size());
    CPPUNIT_ASSERT_EQUAL(std::string("c"), second[0].envelope.id);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, store().delays().count("notifications"));
}

void DelaysContract::aWaitingMessageIsCancelled()
{
    put("a", 1s);

    CPPUNIT_ASSERT(store().delays().cancel("a"));
    CPPUNIT_ASSERT(!store().delays().cancel("a"));

    clock().advance(1s);
    CPPUNIT_ASSERT(claim().empty());
}

void DelaysContract::aWaitingMessageIsMoved()
{
    put("a", 10s);

    CPPUNIT_ASSERT(store().delays().reschedule("a", now() + 1s));
    CPPUNIT_ASSERT(!store().delays().reschedule("missing", now() + 1s));

    CPPUNIT_ASSERT(store().delays().nextDue() == now() + 1s);
    clock().advance(1s);
    CPPUNIT_ASSERT(store().delays().claimDue(now(), 1, 30s).at(0).envelope.dueAt == now());
}

void DelaysContract::aClaimedMessageIsNeitherCancelledNorMoved()
{
    put("a", 0s);
    claim();

    CPPUNIT_ASSERT(!store().delays().cancel("a"));
    CPPUNIT_ASSERT(!store().delays().reschedule("a", now() + 1h));

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store().delays().count("notifications"));
}

void DelaysContract::putWithinBelongsToItsTransaction()
{
    const auto message = delayed("a", 1s);
    CPPUNIT_ASSERT_THROW(ledger().commit({}, {},
                                         [&](StoreSession& session)
                                         {
                                             store().delays().putWithin(session, {&message, 1});
                                             throw InvalidInput("no");
                                         }),
                         InvalidInput);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store().delays().count("notifications"));

    ledger().commit({}, {}, [&](StoreSession& session) { store().delays().putWithin(session, {&message, 1}); });

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store().delays().count("notifications"));
}

} // namespace carillon::tests::store
