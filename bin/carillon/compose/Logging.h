#pragma once

#include "carillon/Logger.h"
#include "config/Configuration.h"

#include <string>

namespace carillon::compose
{

/// Starts this process's log as configured, once; `process` names it in every line. Later calls (roles that share a process) only give another name.
Logger startLogging(const config::Configuration& configuration, const std::string& process);

/// Waits until what was logged is written: before the process ends without its destructors.
void flushLogging() noexcept;

/// The log of the master, which has no thread: lines are written at once, to standard error or the configured file.
Logger startMasterLogging(const config::Configuration& configuration);

} // namespace carillon::compose
