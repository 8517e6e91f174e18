#include "compose/Launch.h"

#include "carillon/Errors.h"
#include "commands/Children.h"
#include "compose/Assembly.h"
#include "compose/Banner.h"
#include "compose/Logging.h"
#include "compose/WorkerAssembly.h"
#include "config/PluginSettings.h"
#include "process/InstanceLock.h"
#include "process/SingleProcess.h"

#include <fmt/format.h>

namespace carillon::compose
{
namespace
{

process::RestartPolicy restartOf(const config::Group& group)
{
    process::RestartPolicy policy;
    policy.initialDelay = group.backoff.initial;
    policy.maxDelay = group.backoff.max;
    policy.deaths = group.breaker.deaths;
    policy.window = group.breaker.window;
    policy.openFor = group.breaker.openFor;
    return policy;
}

void report(cli::Console& console, const plugin::ScanResult& plugins)
{
    for (const plugin::Refusal& refusal : plugins.refused)
        console.error("plugin refused: " + refusal.text());
    for (const std::string& warning : plugins.warnings)
        console.warning(warning);
}

/// Opens, migrates and closes: children find everything ready, and a newer database or an unwritable folder stops the start with one line.
void setUpOnce(const config::Configuration& configuration, const std::vector<plugin::Manifest>& manifests)
{
    Assembly(configuration, manifests, systemClock()).setUp();
}

} // namespace

plugin::ScanResult scanPlugins(const config::Configuration& configuration)
{
    plugin::PluginCatalogue::Options options;
    options.stateDirectory = configuration.stateDirectory;
    return plugin::PluginCatalogue(options).scan(configuration.plugins.directories, configuration.plugins.disabled);
}

void checkBeforeStart(const config::Configuration& configuration, const plugin::ScanResult& plugins)
{
    std::vector<std::string> known = configuration.plugins.disabled;
    for (const plugin::Manifest& manifest : plugins.accepted)
    {
        known.push_back(manifest.name);
        if (!manifest.schedules.empty())
            throw ConfigurationError(fmt::format("plugin '{}' declares the schedule '{}', which nothing runs yet; leave it out, or disable the plugin in plugins.disabled",
                                                 manifest.name, manifest.schedules.front().name));
        const auto checked = config::validatePluginSettings(configuration, manifest.name, manifest.settings);
        if (!checked.problems.empty()) throw ConfigurationError(checked.problems.front().text());
    }
    const auto unknown = config::unknownPluginSections(configuration, known);
    // A refused plugin's section is not misspelt: its refusal was told.
    if (!unknown.empty() && plugins.refused.empty()) throw ConfigurationError(unknown.front().text());
    checkOwnership(configuration, plugins.accepted);
}

process::Plan planFor(const config::Configuration& configuration, const std::vector<plugin::Manifest>& manifests, const Start& start)
{
    process::Plan plan;
    plan.configuration = roles::pack({configuration, manifests, start.consume});
    // A limit is the whole run's, as with Symfony's consume: one process counts it.
    const bool isLimited = start.consume.limit > 0 || start.consume.failureLimit > 0 || start.consume.timeLimit.count() > 0 || start.consume.memoryLimit > 0;
    if (start.admin)
    {
        process::ChildSpec admin;
        admin.role = process::Role::Admin;
        admin.group = "admin";
        admin.exclusive = true;
        plan.children.push_back(admin);
    }
    if (start.clerk)
    {
        process::ChildSpec clerk;
        clerk.role = process::Role::Clerk;
        clerk.group = "clerk";
        plan.children.push_back(clerk);
    }
    if (!start.workers) return plan;
    for (const auto& [name, group] : configuration.groups)
        for (int index = 0; index < (isLimited ? 1 : group.processes); ++index)
        {
            process::ChildSpec worker;
            worker.role = process::Role::Worker;
            worker.group = name;
            worker.index = static_cast<std::uint32_t>(index);
            worker.nice = group.nice;
            worker.restart = restartOf(group);
            worker.once = isLimited;
            plan.children.push_back(worker);
            // Named transports are consumed by one group: two would count the limits twice.
            if (isLimited && !start.consume.transports.empty()) return plan;
        }
    return plan;
}

int launch(cli::Session& session, const Start& start)
{
    cli::Console& console = session.console();
    const config::Configuration& configuration = session.configuration();
    const plugin::ScanResult plugins = scanPlugins(configuration);
    report(console, plugins);
    checkBeforeStart(configuration, plugins);
    setUpOnce(configuration, plugins.accepted);

    process::MasterOptions options;
    options.plan = planFor(configuration, plugins.accepted, start);
    options.stateDirectory = configuration.stateDirectory;
    options.heartbeatInterval = configuration.worker.heartbeatInterval;
    options.heartbeatStale = configuration.worker.heartbeatStale;
    options.drainTimeout = configuration.worker.drainTimeout;
    options.cores = configuration.crash.core;
    const auto load = session.loadOptions();
    options.reload = [load, start] {
        config::LoadResult fresh = config::load(load);
        if (!fresh) throw ConfigurationError(fresh.problems.front().text());
        const plugin::ScanResult scanned = scanPlugins(*fresh.configuration);
        checkBeforeStart(*fresh.configuration, scanned);
        return planFor(*fresh.configuration, scanned.accepted, start);
    };
    printBanner(console, configuration, plugins, start);

    // The master writes its few lines itself: a logging thread would not survive in what it forks.
    const Logger logger = start.singleProcess ? startLogging(configuration, "single") : startMasterLogging(configuration);
    int status = 0;
    std::string failure;
    if (start.singleProcess)
    {
        process::SingleProcess single(std::move(options), commands::roles(), logger);
        status = single.run();
        failure = single.failure();
    }
    else
    {
        process::Master master(std::move(options), logger);
        status = master.run();
        failure = master.failure();
    }
    if (status != 0 && !failure.empty()) console.error(failure);
    return status;
}

} // namespace carillon::compose
