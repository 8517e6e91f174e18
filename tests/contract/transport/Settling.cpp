// The contract, what becomes of a delivery.
#include "contract/transport/TransportContract.h"

#include <stdexcept>

using namespace std::chrono_literals;

namespace carillon::tests
{

using port::Settlement;

void TransportContract::aRemovedMessageIsGone()
{
    publish(envelope("a"));
    {
        const auto taking = consumer();
        CPPUNIT_ASSERT(settle(*taking, takeOne(*taking)));
    }
    CPPUNIT_ASSERT(take(*consumer()).empty());
    CPPUNIT_ASSERT(!_transport->find("a"));
}

void TransportContract::aMessageForLaterComesWithItsNewAttemptAndTurn()
{
    if (!_transport->capabilities().keepsDelays) return;
    publish(envelope("a"));
    const auto taking = consumer();
    const auto first = takeOne(*taking);

    const TimePoint dueAt = _clock.now() + 2s;
    CPPUNIT_ASSERT(taking->settle(std::vector<Settlement>{later(first, dueAt, 2, 3)}) == std::vector<bool>{true});

    CPPUNIT_ASSERT(take(*taking).empty());
    _clock.advance(2s);
    const auto second = takeOne(*taking);
    CPPUNIT_ASSERT_EQUAL(2, second.envelope.attempt);
    CPPUNIT_ASSERT_EQUAL(3, second.envelope.turn);
    CPPUNIT_ASSERT(second.envelope.dueAt == dueAt);
    CPPUNIT_ASSERT_EQUAL(2, second.deliveries);
    CPPUNIT_ASSERT_MESSAGE("it was settled", !second.redelivered);
    CPPUNIT_ASSERT_MESSAGE("an old delivery settles nothing", !settle(*taking, first));
    CPPUNIT_ASSERT(settle(*taking, second));
}

void TransportContract::aReturnedMessageComesAtOnceAsIfNeverTaken()
{
    publish(envelope("a"));
    _clock.advance(1ms);
    publish(envelope("b"));
    const auto taking = consumer();

    CPPUNIT_ASSERT(settle(*taking, takeOne(*taking), Kind::Return));

    const auto again = take(*taking);
    CPPUNIT_ASSERT_MESSAGE("its age is kept", Ids({"a", "b"}) == idsOf(again));
    CPPUNIT_ASSERT_EQUAL(1, again[0].deliveries);
    CPPUNIT_ASSERT(!again[0].redelivered);
    CPPUNIT_ASSERT_EQUAL(1, again[0].envelope.attempt);
}

void TransportContract::aDeliveryIsSettledOnce()
{
    publish(envelope("a"));
    const auto taking = consumer();
    const auto delivery = takeOne(*taking);
    CPPUNIT_ASSERT(settle(*taking, delivery));
    CPPUNIT_ASSERT(!settle(*taking, delivery));
    CPPUNIT_ASSERT(!settle(*taking, delivery, Kind::Return));
    CPPUNIT_ASSERT(take(*taking).empty());
}

/// Promise 2: the late one's settling must be told that it is late, so that its effects are rolled back.
void TransportContract::aLostLeaseGivesTheMessageToAnother()
{
    publish(envelope("a"));
    const auto slow = consumer();
    const auto other = consumer();
    const auto late = takeOne(*slow);
    slow->renewUntil(late, _clock.steady() + 1s);

    _clock.advance(lease - 1ms);
    CPPUNIT_ASSERT(take(*other).empty());
    _clock.advance(2ms);
    const auto redelivered = takeOne(*other);

    CPPUNIT_ASSERT_EQUAL(std::string("a"), redelivered.envelope.id);
    CPPUNIT_ASSERT(redelivered.redelivered);
    CPPUNIT_ASSERT_EQUAL(2, redelivered.deliveries);
    CPPUNIT_ASSERT_EQUAL(1, redelivered.envelope.attempt);
    CPPUNIT_ASSERT(!settle(*slow, late));
    CPPUNIT_ASSERT_MESSAGE("the late one changed nothing", settle(*other, redelivered));
    CPPUNIT_ASSERT(!_transport->find("a"));
}

void TransportContract::aHeldMessageIsNotGivenToAnother()
{
    publish(envelope("a"));
    const auto holding = consumer();
    const auto delivery = takeOne(*holding);
    CPPUNIT_ASSERT(take(*consumer()).empty());
    CPPUNIT_ASSERT(settle(*holding, delivery));
}

void TransportContract::whatAConsumerLeavesUnsettledComesBackRedelivered()
{
    publish(envelope("a"));
    take(*consumer());

    const auto taking = consumer();
    const auto again = takeOne(*taking);
    CPPUNIT_ASSERT(again.redelivered);
    CPPUNIT_ASSERT_EQUAL(2, again.deliveries);
}

/// Promise 2: the effect and the settling are one transaction.
void TransportContract::withinASessionAllIsDoneOrNothing()
{
    publish(envelope("a"));
    publish(envelope("c"));
    const auto taking = consumer();
    const auto delivery = takeOne(*taking);
    const Settlement remove{.delivery = &delivery};

    const auto failing = [&](StoreSession& session)
    {
        CPPUNIT_ASSERT(taking->settleWithin(session, remove));
        CPPUNIT_ASSERT(_transport->publishWithin(session, std::vector<Envelope>{envelope("b")})[0].status == Status::Confirmed);
        CPPUNIT_ASSERT(_transport->cancelWithin(session, "c"));
        throw std::runtime_error("the decision failed");
    };
    bool isJoined = true;
    try
    {
        isJoined = inSession(failing);
    }
    catch (const std::runtime_error& error)
    {
        CPPUNIT_ASSERT_EQUAL(std::string("the decision failed"), std::string(error.what()));
    }
    if (!isJoined)
    {
        struct Foreign final : StoreSession
        {
        } foreign;
        CPPUNIT_ASSERT_THROW(taking->settleWithin(foreign, remove), std::logic_error);
        CPPUNIT_ASSERT_THROW(_transport->publishWithin(foreign, std::vector<Envelope>{envelope("b")}), std::logic_error);
        CPPUNIT_ASSERT_THROW(_transport->cancelWithin(foreign, "c"), std::logic_error);
        return;
    }
    CPPUNIT_ASSERT(_transport->find("a")->state == port::QueuedMessage::State::Taken);
    CPPUNIT_ASSERT(!_transport->find("b"));
    CPPUNIT_ASSERT(_transport->find("c"));

    inSession(
        [&](StoreSession& session)
        {
            CPPUNIT_ASSERT_MESSAGE("still ours after the rollback", taking->settleWithin(session, remove));
            _transport->publishWithin(session, std::vector<Envelope>{envelope("b")});
            CPPUNIT_ASSERT(_transport->cancelWithin(session, "c"));
        });
    CPPUNIT_ASSERT(!settle(*taking, delivery));
    CPPUNIT_ASSERT(!_transport->find("a"));
    CPPUNIT_ASSERT_EQUAL(std::string("b"), takeOne(*taking).envelope.id);
}

} // namespace carillon::tests
