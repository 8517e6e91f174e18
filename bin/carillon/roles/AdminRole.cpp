#include "roles/AdminRole.h"

#include "Version.h"
#include "admin/AdminToken.h"
#include "admin/Server.h"
#include "audit/AuditLog.h"
#include "carillon/Errors.h"
#include "compose/Assembly.h"
#include "compose/Logging.h"
#include "roles/RoleInput.h"

#include <algorithm>

namespace carillon::roles
{
namespace
{

/// The master gives an admin server, the last to be stopped, two seconds (MasterOptions::hurryTimeout); a new master waits for an orphan's
/// end.
constexpr std::chrono::milliseconds drain{1500};
constexpr std::chrono::milliseconds orphanDrain{500};

config::Admin effectiveOptions(const config::Configuration& configuration)
{
    config::Admin options = configuration.admin;
    if (!options.token.empty()) return options;
    if (configuration.isStrict())
        throw ConfigurationError(
            "admin.token is needed in stage and prod; name a file that holds one in admin.token_file (openssl rand -hex 32)");
    options.token = admin::tokenFrom(configuration.stateDirectory / "admin.token");
    return options;
}

std::map<std::string, admin::ConsumingGroup> consumingGroups(const RoleInput& input)
{
    std::map<std::string, admin::ConsumingGroup> groups;
    for (const auto& [name, group] : input.configuration.groups)
        groups[name] = {input.consume.transports.empty() ? group.transports : input.consume.transports, group.stallAfter};
    return groups;
}

std::map<std::string, port::Transport*> byName(const compose::Assembly& assembly)
{
    std::map<std::string, port::Transport*> transports;
    for (const auto& [name, transport] : assembly.transports()) transports[name] = transport.get();
    return transports;
}

} // namespace

int runAdmin(process::ChildRuntime& runtime)
{
    const RoleInput input = unpack(runtime.configuration());
    const config::Configuration& configuration = input.configuration;
    const Logger logger = compose::startLogging(configuration, "admin");

    compose::Assembly assembly(configuration, input.manifests, systemClock());
    assembly.setUp();
    const audit::AuditLog auditLog(configuration.stateDirectory / "audit.log", systemClock());
    admin::Server server(effectiveOptions(configuration),
                         admin::Instance{assembly.store(), byName(assembly), assembly.publisher(),
                                         [&runtime] { return runtime.boards().read(); }, consumingGroups(input), auditLog, systemClock(),
                                         logger.named("admin"), CARILLON_VERSION});
    // At once, whatever the loop below is at: a new master needs the port the moment this one is gone.
    const auto stopped = runtime.onStop([&server] { server.closeListener(); });
    server.start();
    admin::writeLine(configuration.stateDirectory / "admin.address", server.address(), 0644);
    runtime.ready();
    logger.info("listening", {{"endpoint", server.address()}});

    const auto interval = runtime.heartbeatInterval();
    while (!runtime.waitForStop(interval))
        if (server.isAlive(interval)) runtime.beat();
    server.stop(std::min(runtime.isOrphaned() ? orphanDrain : drain, runtime.drainTimeout()));
    return 0;
}

} // namespace carillon::roles
