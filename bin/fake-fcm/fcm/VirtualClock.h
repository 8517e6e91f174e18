#pragma once

#include <chrono>

namespace carillon::fakefcm
{

/// The time by which quotas refill and access tokens expire: the monotonic clock plus what a test has moved it on by.
/// Frozen, it moves by advance() only, so that a quota test does not depend on how fast it runs.
class VirtualClock
{
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit VirtualClock(bool frozen) : _frozen(frozen), _start(std::chrono::steady_clock::now()) {}

    TimePoint now() const { return (_frozen ? _start : std::chrono::steady_clock::now()) + _advanced; }
    void advance(std::chrono::milliseconds by) { _advanced += by; }

private:
    bool _frozen;
    TimePoint _start;
    std::chrono::milliseconds _advanced{0};
};

/// So many in each period; a period begins with the first one after the last has ended, not by the clock on the wall.
class Allowance
{
public:
    /// Spends one when there is one left.
    bool spend(VirtualClock::TimePoint now, std::chrono::milliseconds period, std::uint64_t perPeriod)
    {
        if (_spent == 0 || now >= _since + period)
        {
            _since = now;
            _spent = 0;
        }
        if (_spent >= perPeriod) return false;
        ++_spent;
        return true;
    }

private:
    VirtualClock::TimePoint _since{};
    std::uint64_t _spent = 0;
};

} // namespace carillon::fakefcm
