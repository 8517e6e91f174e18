#pragma once

#include "carillon/Clock.h"

#include <atomic>
#include <chrono>
#include <optional>

namespace carillon::push::fcm
{

/// Closed while the project's quota is used up: every further push would be refused too, and refusals count against the quota.
/// Thread-safe; never blocks.
class ProjectTap
{
public:
    /// Closes it until `now + wait`; never shortens.
    void close(SteadyPoint now, std::chrono::milliseconds wait);

    /// How long it stays closed; nothing when it is open.
    std::optional<std::chrono::milliseconds> closedFor(SteadyPoint now) const;

private:
    std::atomic<SteadyPoint::rep> _until{SteadyPoint::min().time_since_epoch().count()};
};

} // namespace carillon::push::fcm
