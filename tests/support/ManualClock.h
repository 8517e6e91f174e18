#pragma once

#include "carillon/Clock.h"

#include <atomic>
#include <chrono>

namespace carillon::tests
{

/// Time that stands still until the test turns it. Thread-safe.
class ManualClock final : public Clock
{
public:
    /// 2026-11-23T08:00:00Z, and an arbitrary steady time that is not 0.
    explicit ManualClock(TimePoint start = TimePoint(std::chrono::milliseconds(1795420800000))) : _wall(start.time_since_epoch().count()) {}

    TimePoint now() const override { return TimePoint(std::chrono::milliseconds(_wall.load())); }
    SteadyPoint steady() const override { return SteadyPoint(std::chrono::milliseconds(_steady.load())); }

    /// Both clocks go on.
    void advance(std::chrono::milliseconds by)
    {
        _wall += by.count();
        _steady += by.count();
    }
    /// Somebody sets the wall clock; the steady one does not notice.
    void setWall(TimePoint time) { _wall = time.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> _wall;
    std::atomic<std::int64_t> _steady{1'000'000'000};
};

} // namespace carillon::tests
