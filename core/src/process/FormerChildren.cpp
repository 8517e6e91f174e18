#include "process/FormerChildren.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"

#include <fmt/format.h>

namespace carillon::process
{
namespace
{

using metrics::bootNow;

constexpr std::chrono::milliseconds lookInterval{10};
constexpr std::chrono::seconds timeToDie{5};

} // namespace

bool waitForFormerChildren(ChildrenLock& lock, EventLoop& loop, std::chrono::milliseconds timeout, const std::function<bool()>& isStopAsked,
                           const std::function<void()>& whileWaiting, const Logger& logger)
{
    if (lock.tryTake()) return true;
    logger.notice("children of an earlier master are still draining: waiting for their end", {{"timeout_ms", timeout.count()}});

    bool killed = false;
    for (auto deadline = bootNow() + timeout; !isStopAsked();)
    {
        loop.wait(lookInterval);
        if (lock.tryTake()) return true;
        whileWaiting();
        if (bootNow() < deadline) continue;
        if (killed)
            throw ConfigurationError(fmt::format("processes of an earlier Carillon do not end: {}; end them (kill -KILL) and start again",
                                                 fmt::join(lock.holders(), ", ")));
        logger.error("children of an earlier master did not end in time: killed", {{"processes", lock.killHolders()}});
        killed = true;
        deadline = bootNow() + timeToDie;
    }
    return false;
}

} // namespace carillon::process
