#include "worker/Handoff.h"

namespace carillon::worker
{

std::size_t Handoff::freeLocked() const
{
    const std::size_t spoken = _busy + _queued;
    return _handlers > spoken ? _handlers - spoken : 0;
}

std::size_t Handoff::freeHandlers() const
{
    const std::lock_guard lock(_mutex);
    return freeLocked();
}

std::size_t Handoff::awaitFreeHandlers()
{
    std::unique_lock lock(_mutex);
    _demand.wait(lock, [this] { return _stopped || freeLocked() > 0; });
    return _stopped ? 0 : freeLocked();
}

void Handoff::offer(WorkPacket packet)
{
    {
        const std::lock_guard lock(_mutex);
        _queues[packet.rank].push_back(std::move(packet));
        ++_queued;
    }
    _supply.notify_one();
}

std::optional<WorkPacket> Handoff::next()
{
    std::unique_lock lock(_mutex);
    _supply.wait(lock, [this] { return _stopped || _queued > 0; });
    for (auto& queue : _queues)
    {
        if (queue.empty()) continue;
        WorkPacket packet = std::move(queue.front());
        queue.pop_front();
        --_queued;
        ++_busy;
        return packet;
    }
    return {};
}

void Handoff::finished()
{
    {
        const std::lock_guard lock(_mutex);
        --_busy;
    }
    _demand.notify_all();
}

void Handoff::stop()
{
    {
        const std::lock_guard lock(_mutex);
        _stopped = true;
    }
    _demand.notify_all();
    _supply.notify_all();
}

std::vector<WorkPacket> Handoff::takeBack()
{
    const std::lock_guard lock(_mutex);
    std::vector<WorkPacket> packets;
    for (auto& queue : _queues)
    {
        for (WorkPacket& packet : queue)
            packets.push_back(std::move(packet));
        queue.clear();
    }
    _queued = 0;
    return packets;
}

} // namespace carillon::worker
