#pragma once

#include "carillon/Logger.h"
#include "process/EventLoop.h"
#include "process/InstanceLock.h"

#include <chrono>
#include <functional>

namespace carillon::process
{

/// Waits until the children of an earlier master, which drain because their lifeline ended, are gone. Those that are not after `timeout`
/// are killed. `isStopAsked` ends the wait: then the result is false. `whileWaiting` is called now and then.
/// Throws ConfigurationError that names the processes when even that does not free the lock.
bool waitForFormerChildren(ChildrenLock& lock, EventLoop& loop, std::chrono::milliseconds timeout, const std::function<bool()>& isStopAsked,
                           const std::function<void()>& whileWaiting, const Logger& logger);

} // namespace carillon::process
