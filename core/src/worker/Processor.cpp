#include "worker/Processor.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <thread>

namespace carillon::worker
{
namespace
{

constexpr std::chrono::milliseconds shortestPause{50};
constexpr std::chrono::milliseconds longestPause{2000};

/// The handler's thread is the one that must wait: it holds the messages. It looks up often enough to obey a hurried stop.
void pauseFor(std::chrono::milliseconds pause, const std::function<bool()>& isHurried)
{
    const auto end = std::chrono::steady_clock::now() + pause;
    while (!isHurried() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_until(std::min(end, std::chrono::steady_clock::now() + shortestPause));
}

} // namespace

Processor::Processor(const HandledTypes& types, Settler& settler, WorkCounter& counter, metrics::MetricsRegistry& registry,
                     const Options& options, const Clock& clock, const Logger& logger) :
    _types(types), _settler(settler), _counter(counter), _board(registry.board()),
    _unhandled(registry.counter("carillon_jobs_unhandled_total", "Messages deferred because no plugin here handles their type or version")),
    _storeErrors(registry.counter("carillon_worker_store_errors_total", "Decisions that the store could not take at first")), _options(options),
    _clock(clock), _logger(logger)
{
}

void Processor::examine(const HandledType* type, TakenMessage& taken, Envelope& upcasted, BatchItem& item) const
{
    const port::Delivery& delivery = taken.delivery;
    const Envelope& envelope = delivery.envelope;
    if (delivery.decodeError)
    {
        item.finish(Outcome::reject("cannot be decoded: " + *delivery.decodeError).withErrorClass("undecodable"));
        return;
    }
    const bool isNewer = type != nullptr && envelope.version > type->options.version;
    if (type == nullptr || isNewer)
    {
        _unhandled.add();
        const std::string reason = type == nullptr
                                       ? fmt::format("no plugin handles the type '{}'; drop its .so into a plugin folder", envelope.type)
                                       : fmt::format("version {} of '{}' is newer than version {} of plugin {} {}; update the plugin", envelope.version,
                                                     envelope.type, type->options.version, type->plugin, type->pluginVersion);
        _logger.error("deferred: " + reason, {{"id", envelope.id}, {"type", envelope.type}, {"pause_ms", _options.unhandledPause.count()}});
        item.finish(Outcome::defer(_clock.now() + _options.unhandledPause, reason).withErrorClass("unhandled"));
        return;
    }
    try
    {
        if (&item.envelope() == &upcasted)
            for (; upcasted.version < type->options.version; ++upcasted.version)
            {
                const auto upcast = type->upcasts.find(upcasted.version);
                if (upcast == type->upcasts.end())
                    throw PermanentFailure(fmt::format("plugin {} cannot bring version {} of '{}' up to date", type->plugin, upcasted.version, envelope.type));
                upcasted.body = upcast->second(upcasted.body);
            }
        if (!type->schema)
            schema::checkJson(item.envelope().body, _options.limits);
        else if (const auto violation = type->schema->validate(item.envelope().body, _options.limits))
            throw InvalidInput(violation->message, violation->pointer);
    }
    catch (const InvalidInput& invalid)
    {
        const std::string place = invalid.pointer().empty() ? "" : fmt::format(" at {}", invalid.pointer());
        item.finish(Outcome::reject(fmt::format("the body is not valid{}: {}", place, invalid.what())).withErrorClass("invalid_body"));
    }
    catch (const std::exception& error)
    {
        item.finish(Outcome::reject(error.what()).withErrorClass("upcast"));
    }
}

void Processor::process(WorkPacket& packet, const std::function<bool()>& isHurried) const
{
    const auto found = _types.find(packet.type);
    const HandledType* type = found == _types.end() ? nullptr : &found->second;
    const std::size_t count = packet.messages.size();
    const int maxAttempts = type != nullptr ? type->retry.maxRetries + 1 : 1;

    std::vector<const port::Delivery*> deliveries;
    std::vector<Context> contexts;
    std::deque<Envelope> upcasted; // stable addresses
    std::vector<BatchItem> items;
    deliveries.reserve(count);
    contexts.reserve(count);
    items.reserve(count);
    for (TakenMessage& taken : packet.messages)
    {
        const Envelope& envelope = taken.delivery.envelope;
        deliveries.push_back(&taken.delivery);
        contexts.emplace_back(_clock, _logger, SteadyPoint{}, taken.delivery.redelivered, maxAttempts);
        const bool needsUpcast = type != nullptr && envelope.version < type->options.version;
        items.emplace_back(needsUpcast ? upcasted.emplace_back(envelope) : envelope, contexts.back());
        examine(type, taken, needsUpcast ? upcasted.back() : taken.delivery.envelope, items.back());
    }

    auto& busy = _board.memory().header.busyHandlers;
    busy.fetch_add(1, std::memory_order_relaxed);
    _board.reachedHandler();
    bool isSettled = false;
    try
    {
        if (type != nullptr)
        {
            const auto deadline = type->options.timeout.count() > 0 ? metrics::bootNow() + type->options.timeout : std::chrono::nanoseconds{0};
            for (TakenMessage& taken : packet.messages)
            {
                taken.slot.describe({.id = taken.delivery.envelope.id,
                                     .type = packet.type,
                                     .plugin = type->plugin,
                                     .attempt = static_cast<std::uint32_t>(taken.delivery.envelope.attempt)});
                taken.slot.enter(deadline);
            }
            // Handled one after the other at the worst: each has all of its timeout. Then their leases end, however the handler is.
            if (type->options.timeout.count() > 0)
                for (const port::Delivery* delivery : deliveries)
                    packet.source->consumer->renewUntil(*delivery, _clock.steady() + type->options.timeout * static_cast<int>(count) + _options.storePatience);
            type->chain->run(items);
            for (TakenMessage& taken : packet.messages)
                taken.slot.leave();
        }
        isSettled = settlePatiently(packet, type, items, deliveries, isHurried);
    }
    catch (const std::exception& error)
    {
        _storeErrors.add();
        _logger.error("could not be handled now; given back", {{"type", packet.type}, {"messages", count}, {"reason", error.what()}});
        pauseFor(longestPause, isHurried);
    }
    if (!isSettled) _settler.giveBack(*packet.source, deliveries);
    busy.fetch_sub(1, std::memory_order_relaxed);

    std::uint64_t failures = 0;
    if (isSettled)
        for (const BatchItem& item : items)
            failures += item.outcome()->kind() == Outcome::Kind::Retry || item.outcome()->kind() == Outcome::Kind::Reject ? 1 : 0;
    _counter.finished(count, failures);
}

bool Processor::settlePatiently(WorkPacket& packet, const HandledType* type, Batch items, std::span<const port::Delivery* const> deliveries,
                                const std::function<bool()>& isHurried) const
{
    const auto end = std::chrono::steady_clock::now() + _options.storePatience;
    auto pause = shortestPause;
    while (true)
    {
        try
        {
            _settler.settle(*packet.source, type, items, deliveries);
            return true;
        }
        catch (const Error& error)
        {
            // The effects outside the store have happened: recording them late is better than having them again.
            _storeErrors.add();
            const bool givesUp = isHurried() || std::chrono::steady_clock::now() >= end;
            _logger.error(givesUp ? "decisions could not be recorded; the messages come again" : "decisions cannot be recorded now; trying again",
                          {{"type", packet.type}, {"messages", items.size()}, {"reason", error.what()}});
            if (givesUp) return false;
        }
        pauseFor(pause, isHurried);
        pause = std::min(longestPause, pause * 2);
    }
}

} // namespace carillon::worker
