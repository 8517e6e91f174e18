// The contract, what operators ask and do.
#include "contract/transport/TransportContract.h"

#include "carillon/Errors.h"

#include <future>

using namespace std::chrono_literals;

namespace carillon::tests
{

using port::Settlement;

void TransportContract::aPausedQueueGivesNothingUntilItIsResumed()
{
    publish(envelope("a"));
    _transport->setPaused(queueName, true);
    CPPUNIT_ASSERT(stats().paused);
    CPPUNIT_ASSERT_MESSAGE("publishing goes on", publish(envelope("b")).status == Status::Confirmed);

    const auto taking = consumer();
    CPPUNIT_ASSERT(take(*taking).empty());

    auto waiting = std::async(std::launch::async, [&] { return taking->take(10, patience); });
    _transport->setPaused(queueName, false);
    const auto taken = waiting.get();
    CPPUNIT_ASSERT(Ids({"a", "b"}) == idsOf(taken));
    CPPUNIT_ASSERT(!stats().paused);
}

void TransportContract::purgeLeavesWhatIsTaken()
{
    if (!_transport->capabilities().canInspect) return;
    publish(envelope("taken"));
    const auto taking = consumer();
    const auto taken = takeOne(*taking);
    Envelope delayed = envelope("delayed");
    delayed.dueAt = _clock.now() + 1h;
    publish(delayed);
    for (int i = 0; i < 5000; i += 500)
    {
        std::vector<Envelope> many;
        for (int j = i; j < i + 500; ++j) many.push_back(envelope(std::to_string(j)));
        _transport->publish(many);
    }

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{5001}, _transport->purge(queueName));

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, _transport->purge(queueName));
    CPPUNIT_ASSERT(take(*taking).empty());
    CPPUNIT_ASSERT(settle(*taking, taken));
}

void TransportContract::inspectShowsPagesInOrderOfIds()
{
    if (!_transport->capabilities().canInspect) return;
    for (const char* id : {"c", "a", "d", "b"})
    {
        Envelope message = envelope(id);
        if (*id == 'd') message.dueAt = _clock.now() + 1h;
        if (*id == 'c') message.priority = 1;
        publish(message);
    }
    const auto taking = consumer();
    const auto taken = takeOne(*taking);

    const auto first = _transport->inspect(queueName, 3, "");
    const auto second = _transport->inspect(queueName, 3, first.back().envelope.id);

    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, first.size());
    CPPUNIT_ASSERT_EQUAL(std::string("a"), first[0].envelope.id);
    CPPUNIT_ASSERT_EQUAL(std::string("b"), first[1].envelope.id);
    CPPUNIT_ASSERT(first[0].state == port::QueuedMessage::State::Ready);
    CPPUNIT_ASSERT_EQUAL(std::string("c"), first[2].envelope.id);
    CPPUNIT_ASSERT(first[2].state == port::QueuedMessage::State::Taken);
    CPPUNIT_ASSERT_EQUAL(1, first[2].deliveries);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, second.size());
    CPPUNIT_ASSERT_EQUAL(std::string("d"), second[0].envelope.id);
    CPPUNIT_ASSERT(second[0].state == port::QueuedMessage::State::Scheduled);
    CPPUNIT_ASSERT(_transport->find("c")->envelope == taken.envelope);
    CPPUNIT_ASSERT(!_transport->find("e"));
}

void TransportContract::aCancelledMessageIsNeverTaken()
{
    if (!_transport->capabilities().canInspect) return;
    publish(envelope("ready"));
    Envelope delayed = envelope("delayed");
    delayed.dueAt = _clock.now() + 1s;
    publish(delayed);

    CPPUNIT_ASSERT(_transport->cancel("ready"));
    CPPUNIT_ASSERT(_transport->cancel("delayed"));
    CPPUNIT_ASSERT(!_transport->cancel("delayed"));
    CPPUNIT_ASSERT(!_transport->cancel("unknown"));

    _clock.advance(2s);
    CPPUNIT_ASSERT(take(*consumer()).empty());
}

void TransportContract::aTakenMessageIsNeitherCancelledNorMoved()
{
    if (!_transport->capabilities().canInspect) return;
    publish(envelope("a"));
    const auto taking = consumer();
    const auto delivery = takeOne(*taking);
    CPPUNIT_ASSERT(!_transport->cancel("a"));
    CPPUNIT_ASSERT(!_transport->reschedule("a", _clock.now() + 1h));
    CPPUNIT_ASSERT(settle(*taking, delivery));
}

void TransportContract::aRescheduledMessageComesAtItsNewTime()
{
    if (!_transport->capabilities().canInspect) return;
    Envelope delayed = envelope("a");
    delayed.dueAt = _clock.now() + 1h;
    publish(delayed);
    publish(envelope("b"));

    CPPUNIT_ASSERT(_transport->reschedule("a", _clock.now() + 1s));
    CPPUNIT_ASSERT(_transport->reschedule("b", _clock.now() + 1min));
    CPPUNIT_ASSERT(!_transport->reschedule("unknown", _clock.now()));

    const auto taking = consumer();
    CPPUNIT_ASSERT(take(*taking).empty());
    _clock.advance(1s);
    const auto moved = takeOne(*taking);
    CPPUNIT_ASSERT_EQUAL(std::string("a"), moved.envelope.id);
    CPPUNIT_ASSERT(settle(*taking, moved));
    _clock.advance(59s);
    CPPUNIT_ASSERT(Ids({"b"}) == idsOf(take(*taking)));
}

void TransportContract::statsAddUp()
{
    const TimePoint start = _clock.now();
    CPPUNIT_ASSERT(!stats().oldestReadySince);
    for (int i = 0; i < 5; ++i) publish(envelope(std::to_string(i)));
    Envelope delayed = envelope("delayed");
    delayed.dueAt = start + 10s;
    if (_transport->capabilities().keepsDelays) publish(delayed);
    const std::uint64_t scheduled = _transport->capabilities().keepsDelays ? 1 : 0;
    const auto taking = consumer();
    const auto taken = take(*taking, 2);

    const auto before = stats();
    CPPUNIT_ASSERT_EQUAL(std::string(queueName), before.queue);
    CPPUNIT_ASSERT(before.ready == 3U);
    CPPUNIT_ASSERT(before.scheduled == scheduled);
    CPPUNIT_ASSERT(before.taken == 2U);
    CPPUNIT_ASSERT(before.oldestReadySince == start);

    settle(*taking, taken[0]);
    settle(*taking, taken[1], Kind::Return);
    _clock.advance(20s);
    const auto after = stats();
    CPPUNIT_ASSERT_MESSAGE("what is due is ready, though nobody asked for it yet", after.ready == 4U + scheduled);
    CPPUNIT_ASSERT(after.scheduled == 0U);
    CPPUNIT_ASSERT(after.taken == 0U);
}

void TransportContract::anUnknownQueueIsNamed()
{
    const auto isNamed = [&](const std::function<void()>& act)
    {
        try
        {
            act();
        }
        catch (const TransportError& error)
        {
            const std::string text = error.what();
            return text.find("nowhere") != std::string::npos && text.find(queueName) != std::string::npos;
        }
        return false;
    };
    CPPUNIT_ASSERT(isNamed([&] { _transport->setPaused("nowhere", true); }));
    port::ConsumerOptions elsewhere;
    elsewhere.queues = {"nowhere"};
    CPPUNIT_ASSERT(isNamed([&] { _transport->consume(elsewhere); }));
    if (!_transport->capabilities().canInspect) return;
    CPPUNIT_ASSERT(isNamed([&] { _transport->purge("nowhere"); }));
    CPPUNIT_ASSERT(isNamed([&] { _transport->inspect("nowhere", 1, ""); }));
}

} // namespace carillon::tests
