#pragma once

#include "metrics/Snapshot.h"

#include <span>
#include <string>
#include <string_view>

namespace carillon::metrics
{

/// Content-Type of `expose`.
inline constexpr std::string_view expositionContentType = "text/plain; version=0.0.4; charset=utf-8";

/// Merges boards into Prometheus text 0.0.4: counters and histograms added over all processes (the dead ones' are in the master's board),
/// gauges by their rule, families and series in the order of their names. Adds what the boards themselves tell: state and heartbeat age of
/// every child, messages in flight, and series that found no room.
std::string expose(std::span<const BoardSnapshot> boards);

/// A label value as the text format wants it: `\`, `"` and line feed escaped.
std::string escapeLabelValue(std::string_view value);

} // namespace carillon::metrics
