#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "chain/JobMetrics.h"
#include "compose/Adapters.h"
#include "compose/Assembly.h"
#include "config/Configuration.h"
#include "metrics/MetricsRegistry.h"
#include "notification/PushNotificationService.h"
#include "plugin/PluginSet.h"
#include "worker/HandledType.h"
#include "worker/Source.h"

#include <memory>
#include <string>
#include <vector>

namespace carillon::compose
{

/// What a worker process adds to the assembly: its plugins, really loaded, with all that their handlers ask for, and the chains around them.
/// Throws ConfigurationError when a plugin, its settings or a chain is wrong.
class WorkerAssembly
{
public:
    WorkerAssembly(const config::Configuration& configuration, const std::string& group, const std::vector<plugin::Manifest>& manifests, Assembly& assembly,
                   metrics::MetricsRegistry& registry, const Clock& clock, const Logger& logger);
    ~WorkerAssembly();

    const worker::HandledTypes& types() const { return _types; }
    /// What the group takes from, in its order of priority. `only` (may be empty) restricts to these queues; `names` (may be empty) replaces the
    /// group's transports.
    std::vector<worker::Source> sources(const std::vector<std::string>& names, const std::vector<std::string>& queues, const std::string& consumerName);

private:
    void build(const plugin::LoadedHandler& handler);

    const config::Configuration& _configuration;
    const config::Group& _group;
    Assembly& _assembly;
    const Clock& _clock;
    const Logger _logger;
    chain::JobMetrics _metrics;
    MeteredProvider _push;
    std::unique_ptr<notification::PushNotificationService> _notifications;
    Services _services;
    plugin::PluginSet _plugins;
    std::map<std::string, Settings> _settings;
    worker::HandledTypes _types;
};

/// Does the group of `name` load the plugin?
bool loads(const config::Group& group, const std::string& plugin);

/// A group that consumes a queue must own every type routed to it, as far as any plugin here does. Throws ConfigurationError that names group, type, plugin and
/// remedy.
void checkOwnership(const config::Configuration& configuration, const std::vector<plugin::Manifest>& manifests);

} // namespace carillon::compose
