#pragma once

#include "worker/Source.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace carillon::worker
{

/// Between those that take and those that handle: work is taken only when a handler thread is free, so that what waits stays in its queue,
/// where others can take it. Thread-safe.
class Handoff
{
public:
    /// `handlers` threads call next() and finished() in turn; each counts as free until it has a packet, even before it was scheduled at all.
    Handoff(std::size_t sources, std::size_t handlers) : _handlers(handlers), _queues(sources) {}

    /// Waits until a handler thread is free; says how many are. 0: stopped.
    std::size_t awaitFreeHandlers();

    /// How many handler threads are free now.
    std::size_t freeHandlers() const;

    void offer(WorkPacket packet);

    /// The next packet, of the first source that has one; waits for it. Nothing once stopped and empty.
    std::optional<WorkPacket> next();
    /// The thread that got a packet is free again.
    void finished();

    /// Wakes all; packets already offered are still given out unless they are taken back.
    void stop();

    /// Takes away what no handler has begun.
    std::vector<WorkPacket> takeBack();

private:
    std::size_t freeLocked() const;

    mutable std::mutex _mutex;
    std::condition_variable _demand;
    std::condition_variable _supply;
    const std::size_t _handlers;
    std::vector<std::deque<WorkPacket>> _queues;
    std::size_t _queued = 0;
    std::size_t _busy = 0;
    bool _stopped = false;
};

} // namespace carillon::worker
