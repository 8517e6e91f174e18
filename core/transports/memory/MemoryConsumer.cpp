#include "transports/memory/MemoryConsumer.h"

#include <algorithm>

namespace carillon::transports::memory
{
namespace
{

/// A longer wait would overflow the clock's arithmetic, and means "for ever" anyway.
constexpr std::chrono::nanoseconds longestWait = std::chrono::hours(24);

} // namespace

MemoryConsumer::MemoryConsumer(std::shared_ptr<SharedMessages> messages, std::vector<std::size_t> queues,
                               const port::ConsumerOptions& options)
    : _messages(std::move(messages)),
      _queues(std::move(queues)),
      _options(options)
{
}

MemoryConsumer::~MemoryConsumer()
{
    stop();
    {
        const std::lock_guard lock(_messages->mutex);
        for (const std::uint64_t handle : _held) _messages->table.abandon(handle);
    }
    _messages->changed.notify_all();
}

std::vector<port::Delivery> MemoryConsumer::take(std::size_t limit, std::chrono::milliseconds wait)
{
    const SteadyPoint deadline = std::chrono::steady_clock::now() + std::min<std::chrono::nanoseconds>(wait, longestWait);
    std::unique_lock lock(_messages->mutex);
    while (!_isStopped)
    {
        if (auto deliveries = takeNow(limit); !deliveries.empty()) return deliveries;
        const SteadyPoint now = std::chrono::steady_clock::now();
        if (now >= deadline) return {};
        const auto idle = idleFor();
        _messages->changed.wait_until(lock, idle ? std::min(deadline, now + std::min(*idle, longestWait)) : deadline);
    }
    return {};
}

std::vector<port::Delivery> MemoryConsumer::takeNow(std::size_t limit)
{
    const std::size_t room = _held.size() < _options.prefetch ? _options.prefetch - _held.size() : 0;
    limit = std::min(limit, room);
    std::vector<port::Delivery> deliveries;
    for (const std::size_t queue : _queues)
    {
        if (deliveries.size() == limit) break;
        for (auto& delivery : _messages->table.take(queue, limit - deliveries.size(), _messages->moment(), _options.lease))
        {
            _held.insert(delivery.handle);
            deliveries.push_back(std::move(delivery));
        }
    }
    return deliveries;
}

std::optional<std::chrono::nanoseconds> MemoryConsumer::idleFor() const
{
    // Without room only a settlement helps, and that notifies.
    if (_held.size() >= _options.prefetch) return {};
    std::optional<std::chrono::nanoseconds> shortest;
    for (const std::size_t queue : _queues)
        if (const auto idle = _messages->table.idleFor(queue, _messages->moment())) shortest = std::min(shortest.value_or(*idle), *idle);
    return shortest;
}

std::vector<bool> MemoryConsumer::settle(std::span<const port::Settlement> settlements)
{
    std::vector<bool> wereOurs;
    {
        const std::lock_guard lock(_messages->mutex);
        for (const port::Settlement& settlement : settlements)
        {
            const std::uint64_t handle = settlement.delivery->handle;
            wereOurs.push_back(_held.erase(handle) > 0 && _messages->table.settle(handle, settlement));
        }
    }
    _messages->changed.notify_all();
    return wereOurs;
}

void MemoryConsumer::renewUntil(const port::Delivery& delivery, SteadyPoint deadline)
{
    {
        const std::lock_guard lock(_messages->mutex);
        if (!_held.contains(delivery.handle)) return;
        _messages->table.renewUntil(delivery.handle, deadline);
    }
    // Others may have to wake earlier for it.
    _messages->changed.notify_all();
}

void MemoryConsumer::stop()
{
    {
        const std::lock_guard lock(_messages->mutex);
        _isStopped = true;
    }
    _messages->changed.notify_all();
}

} // namespace carillon::transports::memory
