// The contract, many at once: waiting, stopping, concurrency keys.
#include "contract/transport/TransportContract.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace std::chrono_literals;

namespace carillon::tests
{

using port::Settlement;

void TransportContract::prefetchLimitsWhatIsHeld()
{
    for (const char* id : {"a", "b", "c"}) publish(envelope(id));
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
    for (int i = 0; i < 3; ++i) waiting.push_back(std::async(std::launch::async, [&] { return taking->take(1, 1h).size(); }));

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
    for (int look = 0; look < 10 && rest.empty() && first.size() == 1; ++look) rest = take(*taking);
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
                    for (int j = i; j < i + 5; ++j) batch.push_back(envelope(std::to_string(p * each + j)));
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
    for (auto& thread : threads) thread.join();

    CPPUNIT_ASSERT_EQUAL(total, confirmed.size());
    CPPUNIT_ASSERT_EQUAL(total, settled.size());
    CPPUNIT_ASSERT(std::ranges::all_of(settled, [](const auto& one) { return one.second == 1; }));
    CPPUNIT_ASSERT(take(*own).empty() && take(*shared).empty());
}

} // namespace carillon::tests
