#include "transports/memory/MemoryTransport.h"

#include "carillon/Errors.h"
#include "transports/memory/MemoryConsumer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace carillon::transports::memory
{
namespace
{

using Status = port::PublishResult::Status;

std::string reasonToRefuse(const MemoryTransportOptions& options, const Envelope& envelope)
{
    if (envelope.id.empty()) return "the message has no id";
    if (envelope.type.empty()) return "the message has no type";
    if (envelope.body.size() > options.maxBody)
        return fmt::format("the body has {} bytes, transport '{}' takes {} at most (transports.{}.max_body)", envelope.body.size(),
                           options.name, options.maxBody, options.name);
    return {};
}

} // namespace

MemoryTransport::MemoryTransport(MemoryTransportOptions options, const Clock& clock)
    : _options(std::move(options)),
      _messages(std::make_shared<SharedMessages>(_options.queues, clock))
{
    if (_options.queues.empty() || std::ranges::count(_options.queues, std::string()) > 0)
        throw ConfigurationError(
            fmt::format("transport '{}' has a queue without a name; set transports.{}.queue", _options.name, _options.name));
}

MemoryTransport::~MemoryTransport() = default;

template <typename Change>
auto MemoryTransport::changing(Change&& change)
{
    // Notified with the lock held: simpler, and the waiting re-check under it anyway.
    const std::lock_guard lock(_messages->mutex);
    _messages->changed.notify_all();
    return change(_messages->table);
}

port::TransportCapabilities MemoryTransport::capabilities() const
{
    return {.isDurable = false, .keepsDelays = true, .hasPriorities = true, .canInspect = true, .canDeduplicate = true};
}

std::vector<port::PublishResult> MemoryTransport::publish(std::span<const Envelope> envelopes)
{
    return changing(
        [&](MessageTable& table)
        {
            std::vector<port::PublishResult> results;
            for (const Envelope& envelope : envelopes)
            {
                auto reason = reasonToRefuse(_options, envelope);
                if (!reason.empty())
                    results.push_back({Status::Refused, envelope.id, std::move(reason)});
                else
                    results.push_back(table.insert(0, envelope, _messages->clock.now()));
            }
            return results;
        });
}

std::unique_ptr<port::Consumer> MemoryTransport::consume(const port::ConsumerOptions& options)
{
    std::vector<std::size_t> queues;
    for (const std::string& name : options.queues) queues.push_back(queueNamed(name));
    if (queues.empty())
    {
        queues.resize(_options.queues.size());
        std::iota(queues.begin(), queues.end(), std::size_t{0});
    }
    return std::make_unique<MemoryConsumer>(_messages, std::move(queues), options);
}

std::vector<port::QueueStats> MemoryTransport::stats()
{
    const std::lock_guard lock(_messages->mutex);
    std::vector<port::QueueStats> result;
    for (std::size_t queue = 0; queue < _options.queues.size(); ++queue)
        result.push_back(_messages->table.stats(queue, _messages->moment()));
    return result;
}

void MemoryTransport::setPaused(const std::string& queue, bool paused)
{
    changing([&](MessageTable& table) { table.queues()[queueNamed(queue)].isPaused = paused; });
}

std::uint64_t MemoryTransport::purge(const std::string& queue)
{
    return changing([&](MessageTable& table) { return table.purge(queueNamed(queue)); });
}

std::vector<port::QueuedMessage> MemoryTransport::inspect(const std::string& queue, std::size_t limit, const std::string& afterId)
{
    const std::size_t target = queueNamed(queue);
    const std::lock_guard lock(_messages->mutex);
    return _messages->table.inspect(target, limit, afterId, _messages->moment());
}

std::optional<port::QueuedMessage> MemoryTransport::find(const std::string& id)
{
    const std::lock_guard lock(_messages->mutex);
    return _messages->table.find(id, _messages->moment());
}

bool MemoryTransport::cancel(const std::string& id)
{
    return changing([&](MessageTable& table) { return table.cancel(id); });
}

bool MemoryTransport::reschedule(const std::string& id, TimePoint dueAt)
{
    return changing([&](MessageTable& table) { return table.reschedule(id, dueAt); });
}

std::size_t MemoryTransport::queueNamed(const std::string& name) const
{
    const auto found = std::ranges::find(_options.queues, name);
    if (found == _options.queues.end())
        throw TransportError(
            fmt::format("transport '{}' has no queue '{}'; it has: {}", _options.name, name, fmt::join(_options.queues, ", ")));
    return static_cast<std::size_t>(found - _options.queues.begin());
}

} // namespace carillon::transports::memory
