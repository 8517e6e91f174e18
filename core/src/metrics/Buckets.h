#pragma once

#include <cstdint>
#include <span>

namespace carillon::metrics
{

/// The fixed sets of histogram buckets. Their number is part of the board's layout: a new set is added at the end, none is changed.
enum class Buckets : std::uint32_t
{
    Seconds,      ///< 5 ms … 60 s: handlers, pushes, HTTP requests (OpenTelemetry's advisory set, plus 30 and 60)
    ShortSeconds, ///< 50 µs … 1 s: transactions, confirms
    WaitSeconds,  ///< 10 ms … 1 h: time in a queue, lateness
    Count         ///< 1 … 1024: batch sizes
};

/// Upper bounds, ascending, without +Inf; at most `maxBucketBounds`.
std::span<const double> boundsOf(Buckets buckets) noexcept;

/// What one unit of the stored sum is worth in the exposed one: 1e-9 for durations (kept in nanoseconds), 1 for counts.
double unitOf(Buckets buckets) noexcept;

} // namespace carillon::metrics
