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
    log::Options options;
    options.log = configuration.log;
    options.process = "master";
    // The master has no thread besides its loop.
    options.isDirect = true;
    log::start(options);
    return log::get("master");
}

} // namespace carillon::compose
