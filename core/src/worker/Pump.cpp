#include "worker/Pump.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace carillon::worker
{
namespace
{

constexpr std::chrono::milliseconds shortestPause{100};
constexpr std::chrono::milliseconds longestPause{5000};

/// With a budget that sources share, one that finds nothing must not keep it: it looks for so long, then stands back for the others.
constexpr std::chrono::milliseconds budgetedWait{100};
constexpr std::chrono::milliseconds standBack{20};

} // namespace

Pump::Pump(Source& source, Handoff& handoff, const HandledTypes& types, metrics::SlotTable& slots, const Options& options, Budget budget,
           GiveBack giveBack, const Logger& logger) :
    _source(source), _handoff(handoff), _types(types), _slots(slots), _options(options), _budget(std::move(budget)), _giveBack(std::move(giveBack)),
    _logger(logger)
{
}

Pump::~Pump()
{
    stop();
}

void Pump::start()
{
    _thread = std::thread([this] { run(); });
}

void Pump::setQuiet(bool quiet)
{
    {
        const std::lock_guard lock(_mutex);
        _quiet = quiet;
    }
    _changed.notify_all();
}

bool Pump::isResting() const
{
    const std::lock_guard lock(_mutex);
    return _resting;
}

void Pump::stop()
{
    {
        const std::lock_guard lock(_mutex);
        _stopped = true;
    }
    _changed.notify_all();
    _source.consumer->stop();
    _handoff.stop();
    if (_thread.joinable()) _thread.join();
}

bool Pump::waitUntilWanted(std::size_t& freeHandlers)
{
    {
        std::unique_lock lock(_mutex);
        _resting = _quiet;
        _changed.wait(lock, [this] { return _stopped || !_quiet; });
        _resting = false;
        if (_stopped) return false;
    }
    freeHandlers = _handoff.awaitFreeHandlers();
    return freeHandlers > 0;
}

void Pump::pauseAfterError(int errors)
{
    pause(std::min(longestPause, shortestPause * (1 << std::min(errors - 1, 10))));
}

void Pump::pause(std::chrono::milliseconds time)
{
    std::unique_lock lock(_mutex);
    _changed.wait_for(lock, time, [this] { return _stopped; });
}

void Pump::run()
{
    int errors = 0;
    std::size_t freeHandlers = 0;
    while (waitUntilWanted(freeHandlers))
    {
        const std::size_t wanted = _options.maxBatch * freeHandlers;
        const std::size_t limit = _budget ? _budget(wanted) : wanted;
        if (limit == 0)
        {
            // All of it is in hand elsewhere. Some may come back; when not, the limit is reached, and this is stopped.
            pause(standBack / 2);
            continue;
        }
        std::vector<port::Delivery> deliveries;
        try
        {
            deliveries = _source.consumer->take(limit, _budget ? std::min(_options.idleWait, budgetedWait) : _options.idleWait);
            if (errors > 0) _logger.notice("taking again", {{"transport", _source.transport->name()}, {"after_errors", errors}});
            errors = 0;
        }
        catch (const std::exception& error)
        {
            ++errors;
            // Named at once, then now and then: an outage of hours must not fill the disk with its news.
            if (errors <= 3 || errors % 20 == 0)
                _logger.error("cannot take messages now; nothing is lost, trying again",
                              {{"transport", _source.transport->name()}, {"reason", error.what()}, {"errors", errors}});
            pauseAfterError(errors);
        }
        if (_budget && limit > deliveries.size()) _budget(deliveries.size() - limit);
        if (_budget && deliveries.empty()) pause(standBack);
        if (!deliveries.empty()) distribute(std::move(deliveries), std::max<std::size_t>(1, _handoff.freeHandlers()));
    }
}

void Pump::distribute(std::vector<port::Delivery> deliveries, std::size_t freeHandlers)
{
    const auto batch = _batches.fetch_add(1, std::memory_order_relaxed) + 1;
    std::map<std::string, std::vector<TakenMessage>> byType;
    for (std::size_t i = 0; i < deliveries.size(); ++i)
    {
        port::Delivery& delivery = deliveries[i];
        // On the board before anything of the message is looked at: whatever kills this process from now on, the message is known.
        metrics::Slot slot = _slots.begin({.id = delivery.envelope.id,
                                           .type = delivery.envelope.type,
                                           .plugin = {},
                                           .attempt = static_cast<std::uint32_t>(delivery.envelope.attempt),
                                           .batch = batch,
                                           .index = static_cast<std::uint32_t>(i)});
        byType[delivery.envelope.type].push_back({std::move(delivery), std::move(slot)});
    }

    bool isStopped = false;
    {
        const std::lock_guard lock(_mutex);
        isStopped = _stopped;
    }
    const std::size_t share = (deliveries.size() + freeHandlers - 1) / freeHandlers;
    for (auto& [type, messages] : byType)
    {
        if (isStopped)
        {
            _giveBack(_source, messages);
            continue;
        }
        const auto handled = _types.find(type);
        const bool setsOwn = handled != _types.end() && handled->second.options.maxBatch > 0;
        const std::size_t largest = setsOwn ? static_cast<std::size_t>(handled->second.options.maxBatch) : _options.maxBatch;
        const std::size_t size = std::max<std::size_t>(1, std::min(share, largest));
        for (std::size_t begin = 0; begin < messages.size(); begin += size)
        {
            WorkPacket packet{&_source, _options.rank, type, {}};
            const std::size_t end = std::min(messages.size(), begin + size);
            std::move(messages.begin() + static_cast<std::ptrdiff_t>(begin), messages.begin() + static_cast<std::ptrdiff_t>(end),
                      std::back_inserter(packet.messages));
            _handoff.offer(std::move(packet));
        }
    }
}

} // namespace carillon::worker
