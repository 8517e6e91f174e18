#pragma once

#include "carillon/Clock.h"

#include <atomic>
#include <cstdint>

namespace carillon::sqlite
{

/// What a commit may have changed, so that only those who wait for it are woken.
enum class Topic : std::uint8_t
{
    Messages, ///< a queue has something new to take, or is no longer paused
    Outbox,   ///< the outbox has something to publish
    Delays    ///< a kept delay was added or moved
};

/// A counter shared by all processes of a database, with a bell: raised after a commit, waited for by those who have nothing to do.
/// Exact, unlike a look at the -wal file, which changes before its commit can be read. Thread-safe; lives as long as its Database.
///
/// Read `seen()`, look for work, and only then wait: what comes in between is not missed.
class ChangeSignal
{
public:
    explicit ChangeSignal(std::atomic<std::uint32_t>& counter) : _counter(&counter) {}

    std::uint32_t seen() const noexcept { return _counter->load(std::memory_order_acquire); }

    /// Blocks until the counter is no longer `seen` (true) or the deadline has passed (false). May return true without a reason.
    bool wait(std::uint32_t seen, SteadyPoint deadline) const noexcept;

    /// Wakes all who wait, in all processes. Database does it after a commit that announced; call it to end waiting for another reason.
    void raise() const noexcept;

private:
    std::atomic<std::uint32_t>* _counter;
};

} // namespace carillon::sqlite
