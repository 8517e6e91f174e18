#include "compose/Logging.h"

#include "log/Log.h"

#include <chrono>
#include <mutex>

namespace carillon::compose
{

Logger startLogging(const config::Configuration& configuration, const std::string& process)
{
    // Roles that are threads of one process share its log; the first one starts it.
    static std::once_flag started;
    std::call_once(started, [&] { log::start({configuration.log, process}); });
    return log::get(process);
}

void flushLogging() noexcept
{
    log::flush(std::chrono::seconds(2));
}

Logger startMasterLogging(const config::Configuration& configuration)
{
    // Without start() lines from warning up go to stderr at once, by the thread that logs; the master has no other thread.
    log::setLevel(configuration.log.level);
    return log::get("master");
}

} // namespace carillon::compose
