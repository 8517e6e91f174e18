#pragma once

#include "metrics/Board.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace carillon::process
{

using metrics::Role;

/// How a group's dead processes are started again.
struct RestartPolicy
{
    /// Before the first restart; each further one waits twice as long.
    std::chrono::milliseconds initialDelay{100};
    std::chrono::milliseconds maxDelay{30000};

    /// A process that ran for so long starts again with `initialDelay`.
    std::chrono::milliseconds stableAfter{30000};

    /// The breaker: after `deaths` of the group's processes within `window`, none is started for `openFor`; then one is tried.
    int deaths = 5;
    std::chrono::milliseconds window{60000};
    std::chrono::milliseconds openFor{30000};
};

/// One process that the master keeps running.
struct ChildSpec
{
    Role role = Role::Worker;
    std::string group{};     ///< worker group; the role's name for admin and clerk
    std::uint32_t index = 0; ///< within the group, from 0
    int nice = 0;
    RestartPolicy restart; ///< the group's: that of its first process counts

    /// Two of them cannot live at a time (it holds a port): a new generation's starts only when the old one has ended.
    bool exclusive = false;

    /// Exit status 0 ends it for good (`consume --limit`); when all such have ended, the master stops the others and returns.
    bool once = false;
};

/// What one generation consists of.
struct Plan
{
    std::vector<ChildSpec> children;

    /// What every child is handed, byte for byte; opaque to this library. It may hold secrets: it travels in sealed memory, never in
    /// arguments or the environment.
    std::string configuration;
};

} // namespace carillon::process
