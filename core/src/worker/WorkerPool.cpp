#include "worker/WorkerPool.h"

#include <algorithm>

namespace carillon::worker
{

WorkerPool::WorkerPool(std::vector<Source> sources, const HandledTypes& types, port::Store& store, const publish::Publisher& publisher,
                       metrics::MetricsRegistry& registry, metrics::SlotTable& slots, const Options& options, const Clock& clock, const Logger& logger) :
    _options(options), _board(registry.board()), _logger(logger), _sources(std::move(sources)), _handoff(_sources.size(), options.threads),
    _counter(options.limits), _settler(store, publisher, clock, logger),
    _processor(types, _settler, _counter, registry, options.processing, clock, logger)
{
    Pump::Budget budget;
    if (options.limits.messages > 0 || options.limits.failures > 0)
        budget = [this](std::size_t wanted) { return _counter.reserve(static_cast<std::int64_t>(wanted)); };
    for (std::size_t rank = 0; rank < _sources.size(); ++rank)
        _pumps.emplace_back(_sources[rank], _handoff, types, slots, Pump::Options{rank, options.maxBatch, options.idleWait}, budget,
                            [this](Source& source, const std::vector<TakenMessage>& messages) { giveBack(source, messages); }, logger);
}

WorkerPool::~WorkerPool()
{
    hurry();
    beginDrain();
    for (std::thread& handler : _handlers)
        handler.join();
}

void WorkerPool::start()
{
    _board.memory().header.handlerThreads.store(static_cast<std::uint32_t>(_options.threads), std::memory_order_relaxed);
    _running = _options.threads;
    for (std::size_t i = 0; i < _options.threads; ++i)
        _handlers.emplace_back([this] { runHandler(); });
    for (Pump& pump : _pumps)
        pump.start();
}

void WorkerPool::runHandler()
{
    const auto isHurried = [this] { return _hurried.load(); };
    while (auto packet = _handoff.next())
    {
        std::list<WorkPacket> held;
        held.push_back(std::move(*packet));
        const auto place = held.begin();
        {
            const std::lock_guard lock(_mutex);
            _active.splice(_active.end(), held);
        }
        _processor.process(*place, isHurried);
        {
            const std::lock_guard lock(_mutex);
            held.splice(held.end(), _active, place);
        }
        _handoff.finished();
    }
    {
        const std::lock_guard lock(_mutex);
        --_running;
    }
    _handlerEnded.notify_all();
}

void WorkerPool::setQuiet(bool quiet)
{
    for (Pump& pump : _pumps)
        pump.setQuiet(quiet);
}

bool WorkerPool::isResting() const
{
    return std::all_of(_pumps.begin(), _pumps.end(), [](const Pump& pump) { return pump.isResting(); });
}

void WorkerPool::beginDrain()
{
    for (Pump& pump : _pumps)
        pump.stop();
    _handoff.stop();
    for (const WorkPacket& packet : _handoff.takeBack())
        giveBack(*packet.source, packet.messages);
}

bool WorkerPool::waitDrained(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(_mutex);
    return _handlerEnded.wait_for(lock, timeout, [this] { return _running == 0; });
}

void WorkerPool::abandon()
{
    const std::lock_guard lock(_mutex);
    for (const WorkPacket& packet : _active)
        giveBack(*packet.source, packet.messages);
}

void WorkerPool::giveBack(Source& source, const std::vector<TakenMessage>& messages) const
{
    std::vector<const port::Delivery*> deliveries;
    for (const TakenMessage& taken : messages)
        deliveries.push_back(&taken.delivery);
    _settler.giveBack(source, deliveries);
}

} // namespace carillon::worker
