#pragma once

#include <chrono>

namespace carillon::metrics
{

/// Time since boot, suspends included (CLOCK_BOOTTIME): the one clock that all processes of a machine share and that nobody sets.
/// Boards and the sqlite transport's leases are dated by it. Thread-safe, async-signal-safe, never fails.
std::chrono::nanoseconds bootNow() noexcept;

} // namespace carillon::metrics
