#pragma once

#include "carillon/Api.h"

#include <chrono>
#include <string>

namespace carillon
{

/// Wall-clock time, UTC, in milliseconds: what is stored, compared between machines and shown.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

/// Time that never jumps, for deadlines and measurements within one process.
using SteadyPoint = std::chrono::steady_clock::time_point;

/// The one source of time. Handlers, middleware and stores take it as a collaborator, so that a test turns it by hand.
/// Thread-safe; never throws, never blocks.
class CARILLON_API Clock
{
public:
    virtual ~Clock();
    virtual TimePoint now() const = 0;
    virtual SteadyPoint steady() const = 0;
};

/// The machine's clocks. One instance for the process, valid until its end.
CARILLON_API const Clock& systemClock();

/// `2026-11-23T08:00:00.000Z` (RFC 3339).
CARILLON_API std::string toRfc3339(TimePoint time);

/// The reverse: any RFC 3339 time with `Z` or an offset; fractions beyond milliseconds are cut.
/// Throws std::invalid_argument that quotes the text and shows the form.
CARILLON_API TimePoint fromRfc3339(const std::string& text);

} // namespace carillon
