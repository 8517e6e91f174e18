#include "contract/transport/TransportContract.h"

#include "carillon/Errors.h"

#include <algorithm>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

using namespace std::chrono_literals;

namespace carillon::tests
{

using port::Settlement;
using Kind = Settlement::Kind;
using Status = port::PublishResult::Status;
using Ids = std::vector<std::string>;

namespace
{

/// Long enough for any wake-up; a test that waits for it has failed.
constexpr auto patience = 20s;

constexpr auto lease = 30s;

Settlement later(const port::Delivery& delivery, TimePoint dueAt, int attempt, int turn)
{
    return {.delivery = &delivery, .kind = Kind::Later, .dueAt = dueAt, .attempt = attempt, .turn = turn};
}

} // namespace

void TransportContract::setUp()
{
    _transport = makeTransport(_clock);
}

void TransportContract::tearDown()
{
    _transport.reset();
}

void TransportContract::aConfirmedMessageIsTakenOnceAsItWasPublished()
{
    Envelope published = envelope("a");
    published.version = 3;
    published.headers = {{"x-service", "wellness"}, {"", "empty name"}, {"empty", ""}, {"colon:1", "12:34"}};
    published.priority = 5;
    published.expiresAt = _clock.now() + 1h;
    published.traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    published.dedupeKey = "once";
    published.concurrencyKey = "one at a time";
    published.service = "wellness";

    const auto result = publish(published);
    const auto taking = consumer();
    const auto delivery = takeOne(*taking);

    CPPUNIT_ASSERT(result.status == Status::Confirmed);
    CPPUNIT_ASSERT_EQUAL(std::string("a"), result.id);
    CPPUNIT_ASSERT(delivery.envelope == published);
    CPPUNIT_ASSERT(!delivery.redelivered && !delivery.decodeError);
    CPPUNIT_ASSERT_EQUAL(1, delivery.deliveries);
    CPPUNIT_ASSERT_EQUAL(std::string(queueName), delivery.queue);
    CPPUNIT_ASSERT(take(*taking).empty());
}

void TransportContract::anEmptyQueueGivesNothing()
{
    CPPUNIT_ASSERT(take(*consumer()).empty());
}

void TransportContract::bytesOfTheBodyAreNotTouched()
{
    Envelope published = envelope("a");
    published.body.clear();
    for (int byte = 0; byte < 256; ++byte)
        published.body += static_cast<char>(byte);
    publish(published);
    Envelope empty = envelope("b");
    empty.body.clear();
    publish(empty);

    const auto taking = consumer();
    const auto deliveries = take(*taking);

    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, deliveries.size());
    CPPUNIT_ASSERT(published.body == deliveries[0].envelope.body);
    CPPUNIT_ASSERT(deliveries[1].envelope.body.empty());
}

void TransportContract::aBatchIsTakenUpToItsLimitInOrderOfAge()
{
    // Not the order of their ids; the last two in the same millisecond.
    for (const char* id : {"m", "z", "a", "k"})
    {
        publish(envelope(id));
        if (*id != 'a') _clock.advance(1ms);
    }
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"m", "z", "a"}) == idsOf(take(*taking, 3)));
    CPPUNIT_ASSERT(Ids({"k"}) == idsOf(take(*taking, 3)));
}

void TransportContract::higherPriorityGoesFirst()
{
    if (!_transport->capabilities().hasPriorities) return;
    for (const auto& [id, priority] : std::vector<std::pair<const char*, int>>{{"low", -1}, {"usual", 0}, {"high", 9}, {"usual too", 0}})
    {
        Envelope message = envelope(id);
        message.priority = priority;
        publish(message);
        _clock.advance(1ms);
    }
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"high", "usual", "usual too", "low"}) == idsOf(take(*taking)));
}

void TransportContract::aDelayedMessageWaitsForItsTime()
{
    if (!_transport->capabilities().keepsDelays) return;
    Envelope delayed = envelope("delayed");
    delayed.dueAt = _clock.now() + 10s;
    publish(delayed);
    Envelope past = envelope("past");
    past.dueAt = _clock.now() - 10s;
    publish(past);

    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"past"}) == idsOf(take(*taking)));
    _clock.advance(9999ms);
    CPPUNIT_ASSERT(take(*taking).empty());
    _clock.advance(1ms);
    const auto due = takeOne(*taking);
    CPPUNIT_ASSERT(delayed == due.envelope);
}

void TransportContract::aDueMessageIsOrderedByItsDueTime()
{
    if (!_transport->capabilities().keepsDelays) return;
    Envelope delayed = envelope("delayed");
    delayed.dueAt = _clock.now() + 10s;
    publish(delayed);
    _clock.advance(5s);
    publish(envelope("before it was due"));
    _clock.advance(10s);
    publish(envelope("after it was due"));

    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"before it was due", "delayed", "after it was due"}) == idsOf(take(*taking)));
}

void TransportContract::aSecondPublishOfAnIdIsADuplicate()
{
    if (!_transport->capabilities().canDeduplicate) return;
    publish(envelope("a"));
    const auto again = publish(envelope("a"));

    CPPUNIT_ASSERT(again.status == Status::Duplicate);
    CPPUNIT_ASSERT_EQUAL(std::string("a"), again.id);
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"a"}) == idsOf(take(*taking)));
    CPPUNIT_ASSERT_MESSAGE("also while it is taken", publish(envelope("a")).status == Status::Duplicate);
}

void TransportContract::theSameIdOfAnotherTypeIsAnotherMessage()
{
    Envelope other = envelope("a");
    other.type = "notification.bulk";
    publish(envelope("a"));
    CPPUNIT_ASSERT(publish(other).status == Status::Confirmed);
    const auto taking = consumer();
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, take(*taking).size());
}

void TransportContract::aDedupeKeyAnswersWithTheFirstIdWhileThatLives()
{
    if (!_transport->capabilities().canDeduplicate) return;
    Envelope first = envelope("first");
    first.dedupeKey = "key";
    Envelope second = envelope("second");
    second.dedupeKey = "key";
    Envelope other = envelope("other");
    other.dedupeKey = "another key";

    const auto results = _transport->publish(std::vector<Envelope>{first, second, other});

    CPPUNIT_ASSERT(results[0].status == Status::Confirmed);
    CPPUNIT_ASSERT(results[1].status == Status::Duplicate);
    CPPUNIT_ASSERT_EQUAL(std::string("first"), results[1].id);
    CPPUNIT_ASSERT(results[2].status == Status::Confirmed);

    const auto taking = consumer();
    const auto deliveries = take(*taking);
    CPPUNIT_ASSERT(Ids({"first", "other"}) == idsOf(deliveries));
    if (!_transport->capabilities().keepsDelays) return;
    taking->settle(std::vector<Settlement>{later(deliveries[0], _clock.now() + 1s, 2, 2)});
    CPPUNIT_ASSERT_MESSAGE("to be retried is not the end", publish(second).status == Status::Duplicate);
}

void TransportContract::aDedupeKeyIsFreeAgainAfterTheEnd()
{
    if (!_transport->capabilities().canDeduplicate) return;
    Envelope first = envelope("first");
    first.dedupeKey = "key";
    Envelope second = envelope("second");
    second.dedupeKey = "key";
    publish(first);
    const auto taking = consumer();
    settle(*taking, takeOne(*taking));

    CPPUNIT_ASSERT(publish(second).status == Status::Confirmed);
    CPPUNIT_ASSERT_EQUAL(std::string("second"), takeOne(*taking).envelope.id);
}

void TransportContract::tooLargeABodyIsRefusedWithItsLimit()
{
    Envelope message = envelope("a");
    message.body.assign(bodyLimit, 'x');
    CPPUNIT_ASSERT(publish(message).status == Status::Confirmed);

    message.id = "b";
    message.body += 'x';
    const auto result = publish(message);
    CPPUNIT_ASSERT(result.status == Status::Refused);
    CPPUNIT_ASSERT(result.reason.find(std::to_string(bodyLimit)) != std::string::npos);
    CPPUNIT_ASSERT(result.reason.find(_transport->name()) != std::string::npos);
}

void TransportContract::aRefusalDropsOnlyItsOwnMessage()
{
    Envelope large = envelope("large");
    large.body.assign(bodyLimit + 1, 'x');
    Envelope nameless = envelope("");

    const auto results = _transport->publish(std::vector<Envelope>{envelope("a"), large, nameless, envelope("b")});

    CPPUNIT_ASSERT(results[0].status == Status::Confirmed);
    CPPUNIT_ASSERT(results[1].status == Status::Refused);
    CPPUNIT_ASSERT(results[2].status == Status::Refused && !results[2].reason.empty());
    CPPUNIT_ASSERT(results[3].status == Status::Confirmed);
    const auto taking = consumer();
    CPPUNIT_ASSERT(Ids({"a", "b"}) == idsOf(take(*taking)));
}

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

void TransportContract::prefetchLimitsWhatIsHeld()
{
    for (const char* id : {"a", "b", "c"})
        publish(envelope(id));
    const auto taking = consumer(2);

    const auto held = take(*taking);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, held.size());
    CPPUNIT_ASSERT(take(*taking).empty());

    // One that waits for room goes on as soon as there is some.
    auto waiting = std::async(std::launch::async, [&] { return taking->take(5, patience); });
    settle(*taking, held[0]);
    const auto more = waiting.get();
    CPPUNIT_ASSERT(Ids({"c"}) == idsOf(more));
}

void TransportContract::stopWakesThoseWhoWait()
{
    const auto taking = consumer();
    std::vector<std::future<std::size_t>> waiting;
    for (int i = 0; i < 3; ++i)
        waiting.push_back(std::async(std::launch::async, [&] { return taking->take(1, 1h).size(); }));

    taking->stop();
    taking->stop();

    for (auto& one : waiting)
    {
        CPPUNIT_ASSERT(one.wait_for(patience) == std::future_status::ready);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, one.get());
    }
    publish(envelope("a"));
    CPPUNIT_ASSERT_MESSAGE("and later ones do not begin", taking->take(1, 1h).empty());
}

void TransportContract::aPublishWakesThoseWhoWait()
{
    const auto taking = consumer();
    auto waiting = std::async(std::launch::async, [&] { return taking->take(1, patience); });
    publish(envelope("a"));
    CPPUNIT_ASSERT(Ids({"a"}) == idsOf(waiting.get()));
}

void TransportContract::whatWasTakenBeforeStopIsStillSettled()
{
    publish(envelope("a"));
    const auto taking = consumer();
    const auto delivery = takeOne(*taking);
    taking->stop();
    CPPUNIT_ASSERT(settle(*taking, delivery));
    CPPUNIT_ASSERT(!_transport->find("a"));
}

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
        for (int j = i; j < i + 500; ++j)
            many.push_back(envelope(std::to_string(j)));
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
    for (int i = 0; i < 5; ++i)
        publish(envelope(std::to_string(i)));
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

void TransportContract::oneOfAConcurrencyKeyIsTakenAtATime()
{
    for (const char* id : {"k1", "k2", "free", "k3"})
    {
        Envelope message = envelope(id);
        if (*id == 'k') message.concurrencyKey = "key";
        publish(message);
        _clock.advance(1ms);
    }
    const auto one = consumer();
    const auto two = consumer();

    const auto first = take(*one);
    CPPUNIT_ASSERT(Ids({"k1", "free"}) == idsOf(first));
    CPPUNIT_ASSERT_MESSAGE("another consumer neither", take(*two).empty());

    CPPUNIT_ASSERT(settle(*one, first[0]));
    const auto second = take(*two);
    CPPUNIT_ASSERT(Ids({"k2"}) == idsOf(second));
    CPPUNIT_ASSERT(settle(*two, second[0], Kind::Return));
    const auto again = take(*one);
    CPPUNIT_ASSERT(Ids({"k2"}) == idsOf(again));
    CPPUNIT_ASSERT(settle(*one, again[0]));
    CPPUNIT_ASSERT(Ids({"k3"}) == idsOf(take(*two)));
}

void TransportContract::aCrowdOfOneKeyDoesNotHoldUpTheOthers()
{
    std::vector<Envelope> crowd;
    for (int i = 0; i < 2500; ++i)
    {
        crowd.push_back(envelope("k" + std::to_string(i)));
        crowd.back().concurrencyKey = "key";
        crowd.back().priority = 1;
    }
    _transport->publish(crowd);
    publish(envelope("free"));
    const auto taking = consumer();

    const auto first = take(*taking);
    CPPUNIT_ASSERT(first.at(0).envelope.id == "k0");
    std::vector<port::Delivery> rest;
    // Setting the crowd aside may need more than one look, each of which must get nearer.
    for (int look = 0; look < 10 && rest.empty() && first.size() == 1; ++look)
        rest = take(*taking);
    CPPUNIT_ASSERT_EQUAL(std::string("free"), first.size() == 1 ? rest.at(0).envelope.id : first.at(1).envelope.id);
}

/// Whatever happens to the one that is in the way, the next of the key comes: settled for later, lost, cancelled, moved, left behind.
void TransportContract::noneOfAConcurrencyKeyIsForgotten()
{
    std::vector<Envelope> messages;
    for (char id = 'a'; id <= 'h'; ++id)
    {
        messages.push_back(envelope(std::string(1, id)));
        messages.back().concurrencyKey = "key";
    }
    _transport->publish(messages);
    auto taking = consumer();
    const auto next = [&](const std::string& expected)
    {
        const auto deliveries = take(*taking);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("after the one before " + expected, std::size_t{1}, deliveries.size());
        CPPUNIT_ASSERT_EQUAL(expected, deliveries[0].envelope.id);
        return deliveries[0];
    };

    taking->settle(std::vector<Settlement>{later(next("a"), _clock.now() + 1h, 2, 2)});
    const auto lost = next("b");
    taking->renewUntil(lost, _clock.steady());
    _clock.advance(lease + 1ms);
    const auto again = next("b");
    CPPUNIT_ASSERT(again.redelivered);
    settle(*taking, again);
    if (_transport->capabilities().canInspect)
    {
        CPPUNIT_ASSERT(_transport->cancel("c"));
        CPPUNIT_ASSERT(_transport->reschedule("d", _clock.now() + 1h));
    }
    static_cast<void>(next("e"));
    taking = consumer();
    settle(*taking, next("e"));
    settle(*taking, next("f"));
    settle(*taking, next("g"));
    settle(*taking, next("h"));
    CPPUNIT_ASSERT(take(*taking).empty());
    CPPUNIT_ASSERT(stats().ready == 0U);
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

/// Promise 1, without any fault: what was confirmed is taken and settled, each exactly once.
void TransportContract::manyPublishersAndConsumersLoseAndDoubleNothing()
{
    constexpr int publishers = 4;
    constexpr int each = 250;
    constexpr std::size_t total = publishers * each;
    const auto shared = consumer();
    const auto own = consumer();

    std::mutex mutex;
    std::map<std::string, int> settled;
    std::set<std::string> confirmed;
    std::atomic<std::size_t> settledCount{0};
    std::vector<std::thread> threads;
    for (int p = 0; p < publishers; ++p)
        threads.emplace_back(
            [&, p]
            {
                for (int i = 0; i < each; i += 5)
                {
                    std::vector<Envelope> batch;
                    for (int j = i; j < i + 5; ++j)
                        batch.push_back(envelope(std::to_string(p * each + j)));
                    for (const auto& result : _transport->publish(batch))
                    {
                        const std::lock_guard lock(mutex);
                        if (result.status == Status::Confirmed) confirmed.insert(result.id);
                    }
                }
            });
    for (port::Consumer* from : {shared.get(), shared.get(), shared.get(), own.get()})
        threads.emplace_back(
            [&, from]
            {
                const auto end = std::chrono::steady_clock::now() + patience;
                for (int round = 0; settledCount < total && std::chrono::steady_clock::now() < end; ++round)
                {
                    const auto deliveries = from->take(7, 50ms);
                    std::vector<Settlement> settlements;
                    for (const auto& delivery : deliveries)
                        settlements.push_back({.delivery = &delivery, .kind = round % 5 == 4 ? Kind::Return : Kind::Remove});
                    const auto wereOurs = from->settle(settlements);
                    const std::lock_guard lock(mutex);
                    for (std::size_t i = 0; i < deliveries.size(); ++i)
                        if (wereOurs[i] && settlements[i].kind == Kind::Remove)
                        {
                            ++settled[deliveries[i].envelope.id];
                            ++settledCount;
                        }
                }
            });
    for (auto& thread : threads)
        thread.join();

    CPPUNIT_ASSERT_EQUAL(total, confirmed.size());
    CPPUNIT_ASSERT_EQUAL(total, settled.size());
    CPPUNIT_ASSERT(std::ranges::all_of(settled, [](const auto& one) { return one.second == 1; }));
    CPPUNIT_ASSERT(take(*own).empty() && take(*shared).empty());
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

Envelope TransportContract::envelope(const std::string& id) const
{
    Envelope result;
    result.id = id;
    result.type = "notification.send";
    result.body = R"({"n":1})";
    result.publishedAt = _clock.now();
    return result;
}

port::PublishResult TransportContract::publish(const Envelope& message)
{
    const auto results = _transport->publish(std::vector<Envelope>{message});
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, results.size());
    return results[0];
}

std::unique_ptr<port::Consumer> TransportContract::consumer(std::size_t prefetch)
{
    return _transport->consume({.queues = {}, .lease = lease, .name = "contract", .prefetch = prefetch});
}

std::vector<port::Delivery> TransportContract::take(port::Consumer& consumer, std::size_t limit)
{
    return consumer.take(limit, 0ms);
}

port::Delivery TransportContract::takeOne(port::Consumer& consumer)
{
    const auto deliveries = consumer.take(1, 0ms);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, deliveries.size());
    return deliveries[0];
}

bool TransportContract::settle(port::Consumer& consumer, const port::Delivery& delivery, Kind kind)
{
    const auto wereOurs = consumer.settle(std::vector<Settlement>{{.delivery = &delivery, .kind = kind}});
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, wereOurs.size());
    return wereOurs[0];
}

std::vector<std::string> TransportContract::idsOf(const std::vector<port::Delivery>& deliveries)
{
    std::vector<std::string> ids;
    for (const auto& delivery : deliveries)
        ids.push_back(delivery.envelope.id);
    return ids;
}

port::QueueStats TransportContract::stats()
{
    const auto all = _transport->stats();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, all.size());
    return all[0];
}

} // namespace carillon::tests
