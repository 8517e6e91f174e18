#pragma once

#include "process/ChildSpec.h"

#include <chrono>
#include <deque>
#include <optional>

namespace carillon::process
{

using BootTime = std::chrono::nanoseconds; ///< since boot

/// How long one process waits before it is started again.
class RestartDelay
{
public:
    explicit RestartDelay(const RestartPolicy& policy) : _policy(policy) {}

    /// It died after it had run for `uptime`: how long to wait.
    std::chrono::milliseconds afterDeath(std::chrono::nanoseconds uptime);

private:
    RestartPolicy _policy;
    std::chrono::milliseconds _next{0};
};

/// Keeps a group that dies again and again from taking the machine's time: closed, open (nobody starts), trial (one process starts; when it
/// lives, closed again). Time is handed in.
class Breaker
{
public:
    explicit Breaker(const RestartPolicy& policy) : _policy(policy) {}

    /// A process of the group died uncleanly. True when this opened the breaker.
    bool died(BootTime now);

    /// May a process be started now? In the trial only the first who asks may.
    bool mayStart(BootTime now);

    /// A process of the group ended as it should: the trial, if it was the one, is open to the next.
    void ended(BootTime now);

    /// A process of the group has lived since `since`; ends the trial when that is long enough. True when this closed the breaker.
    bool lives(BootTime since, BootTime now);

    bool isClosed() const noexcept { return _state == State::Closed; }
    /// When the next trial may start, while open.
    std::optional<BootTime> openUntil() const noexcept;

private:
    enum class State
    {
        Closed,
        Open,
        Trial
    };

    RestartPolicy _policy;
    State _state = State::Closed;
    std::deque<BootTime> _deaths;
    BootTime _openUntil{0};
    BootTime _trialSince{0};
};

} // namespace carillon::process
