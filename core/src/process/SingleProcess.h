#pragma once

#include "carillon/Logger.h"
#include "process/ChildRuntime.h"
#include "process/Master.h"

namespace carillon::process
{

/// `--single-process`: every child of the plan is a thread of this process. For debuggers, sanitizers and tests: one crash ends all, no
/// heartbeat or start time is judged (a debugger stops threads at will), nothing is restarted; HUP is refused with a line in the log.
///
/// Signals, instance lock, readiness, drain and exit statuses are the master's. When a role returns or throws, the others are stopped and
/// its status is the result (0 of a `once` child stops only when all those have ended).
class SingleProcess
{
public:
    SingleProcess(MasterOptions options, Roles roles, Logger logger);

    /// Blocks until all roles have ended. Call Master::blockSignals() before the first thread.
    int run();

    /// Why run() returned anything but 0.
    const std::string& failure() const noexcept { return _failure; }

private:
    MasterOptions _options;
    Roles _roles;
    Logger _logger;
    std::string _failure;
};

} // namespace carillon::process
