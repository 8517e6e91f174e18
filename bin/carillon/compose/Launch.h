#pragma once

#include "carillon/Logger.h"
#include "cli/Command.h"
#include "config/Configuration.h"
#include "plugin/PluginCatalogue.h"
#include "process/Master.h"
#include "roles/RoleInput.h"

#include <vector>

namespace carillon::compose
{

/// Which roles a command starts.
struct Start
{
    bool workers = true;
    bool clerk = true;
    bool admin = true;
    roles::ConsumeOptions consume;
    bool singleProcess = false;
};

/// The plugins of the configured folders. Forks, so it is called before threads are started.
plugin::ScanResult scanPlugins(const config::Configuration& configuration);

/// Refuses what can be known to be wrong before anything is started: settings of plugins, routing and groups. Throws ConfigurationError.
void checkBeforeStart(const config::Configuration& configuration, const plugin::ScanResult& plugins);

/// What the master is to keep running.
process::Plan planFor(const config::Configuration& configuration, const std::vector<plugin::Manifest>& manifests, const Start& start);

/// Loads, checks, prints what was found, and runs the master (or all roles in this process) until it is told to stop. The exit code.
int launch(cli::Session& session, const Start& start);

} // namespace carillon::compose
