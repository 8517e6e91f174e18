#include "contract/transport/TransportContract.h"

using namespace std::chrono_literals;

namespace carillon::tests
{

using port::Settlement;

void TransportContract::setUp() { _transport = makeTransport(_clock); }

void TransportContract::tearDown() { _transport.reset(); }

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

std::vector<port::Delivery> TransportContract::take(port::Consumer& consumer, std::size_t limit) { return consumer.take(limit, 0ms); }

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

port::Settlement TransportContract::later(const port::Delivery& delivery, TimePoint dueAt, int attempt, int turn)
{
    return {.delivery = &delivery, .kind = Kind::Later, .dueAt = dueAt, .attempt = attempt, .turn = turn};
}

std::vector<std::string> TransportContract::idsOf(const std::vector<port::Delivery>& deliveries)
{
    std::vector<std::string> ids;
    for (const auto& delivery : deliveries) ids.push_back(delivery.envelope.id);
    return ids;
}

port::QueueStats TransportContract::stats()
{
    const auto all = _transport->stats();
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, all.size());
    return all[0];
}

} // namespace carillon::tests
