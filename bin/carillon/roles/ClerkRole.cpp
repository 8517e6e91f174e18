#include "roles/ClerkRole.h"

#include "clerk/Clerk.h"
#include "compose/Assembly.h"
#include "compose/Logging.h"
#include "roles/RoleInput.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace carillon::roles
{

int runClerk(process::ChildRuntime& runtime)
{
    const RoleInput input = unpack(runtime.configuration());
    const config::Configuration& configuration = input.configuration;
    const Logger logger = compose::startLogging(configuration, "clerk");

    compose::Assembly assembly(configuration, input.manifests, systemClock());
    assembly.setUp();
    clerk::ClerkOptions options;
    options.tickMin = configuration.clerk.tickMin;
    options.tickMax = configuration.clerk.tickMax;
    options.lease = configuration.clerk.lease;
    options.relayBatch = static_cast<std::size_t>(configuration.clerk.relayBatch);
    options.retentionInterval = configuration.clerk.retentionInterval;
    options.keepDone = configuration.store.retention.done;
    options.keepDead = configuration.store.retention.dead;
    options.keepPermits = std::max(options.keepPermits, 2 * configuration.notification.rateWindow);
    clerk::Clerk clerk(assembly.store(), assembly.router(), runtime.metrics(), options, fmt::format("{}-{}", getpid(), newMessageId(systemClock().now())),
                       systemClock(), logger.named("clerk"));
    runtime.ready();
    auto wait = std::chrono::milliseconds{0};
    while (!runtime.waitForStop(std::min(wait, runtime.heartbeatInterval())))
    {
        runtime.beat();
        wait = clerk.tick();
    }
    clerk.release();
    return 0;
}

} // namespace carillon::roles
