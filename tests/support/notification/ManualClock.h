#pragma once

#include "carillon/Clock.h"

namespace carillon::tests
{

/// A clock that a test turns by hand; both its times move together. One thread.
class ManualClock final : public Clock
{
public:
    TimePoint now() const override { return _now; }
    SteadyPoint steady() const override { return SteadyPoint{} + std::chrono::hours(1) + (_now - start()); }

    void advance(std::chrono::milliseconds by) { _now += by; }

    static TimePoint start() { return fromRfc3339("2026-11-23T08:00:00Z"); }

private:
    TimePoint _now = start();
};

} // namespace carillon::tests
