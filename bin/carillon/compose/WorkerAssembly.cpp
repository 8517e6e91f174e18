#include "compose/WorkerAssembly.h"

#include "carillon/Errors.h"
#include "chain/DeadlineMiddleware.h"
#include "chain/DedupeMiddleware.h"
#include "chain/MetricsMiddleware.h"
#include "chain/RetryMiddleware.h"
#include "chain/TraceMiddleware.h"
#include "chain/TransactionMiddleware.h"
#include "config/PluginSettings.h"
#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/NotificationRepository.h"

#include <fmt/format.h>

#include <algorithm>

namespace carillon::compose
{
namespace
{

notification::PushNotificationOptions notificationOptions(const config::Configuration& configuration)
{
    const config::Notification& from = configuration.notification;
    const auto text = [](const config::NeutralText& neutral) { return notification::NeutralText{neutral.title, neutral.body}; };
    notification::PushNotificationOptions options;
    options.rateLimit = {from.rateLimit, from.rateWindow};
    options.services = from.services;
    options.pushText = from.pushText == config::PushText::Neutral ? notification::PushText::Neutral : notification::PushText::AsGiven;
    options.alert = text(from.alert);
    options.reminder = text(from.reminder);
    options.info = text(from.info);
    return options;
}

} // namespace

bool loads(const config::Group& group, const std::string& plugin)
{
    return std::any_of(group.plugins.begin(), group.plugins.end(), [&](const std::string& name) { return name == "*" || name == plugin; });
}

void checkOwnership(const config::Configuration& configuration, const std::vector<plugin::Manifest>& manifests)
{
    for (const plugin::Manifest& manifest : manifests)
        for (const plugin::HandlerManifest& handler : manifest.handlers)
            for (const auto& [name, group] : configuration.groups)
            {
                if (loads(group, manifest.name)) continue;
                for (const std::string& transport : configuration.route(handler.type))
                    if (std::find(group.transports.begin(), group.transports.end(), transport) != group.transports.end())
                        throw ConfigurationError(
                            fmt::format("group '{}' consumes transport '{}', to which type '{}' is routed, but does not load its plugin '{}'; add the plugin to "
                                        "groups.{}.plugins, or route the type to a transport of its own",
                                        name, transport, handler.type, manifest.name, name));
            }
}

WorkerAssembly::WorkerAssembly(const config::Configuration& configuration, const std::string& group, const std::vector<plugin::Manifest>& manifests,
                               Assembly& assembly, metrics::MetricsRegistry& registry, const Clock& clock, const Logger& logger) :
    _configuration(configuration), _group(configuration.groups.at(group)), _assembly(assembly), _clock(clock), _logger(logger),
    _metrics(registry, logger.named("metrics"))
{
    _push = openPushProvider(configuration, registry, clock, logger.named("push"));
    port::Store& store = assembly.store();
    _notifications = std::make_unique<notification::PushNotificationService>(
        notification::PushNotificationService::Collaborators{store.notifications(), store.devices(), store.ledger(), store.pushLedger(), store.rateLimiter(), *_push.provider,
                                                             clock, logger.named("notification")},
        notificationOptions(configuration));
    _services.provide<notification::NotificationService>(*_notifications);
    _services.provide<notification::NotificationRepository>(store.notifications());
    _services.provide<notification::DeviceRegistry>(store.devices());
    _services.provide<notification::NotificationMetricsService>(_metrics);

    for (const plugin::Manifest& manifest : manifests)
    {
        if (!loads(_group, manifest.name)) continue;
        _plugins.load(manifest);
        auto checked = config::validatePluginSettings(configuration, manifest.name, manifest.settings);
        if (!checked.problems.empty()) throw ConfigurationError(checked.problems.front().text());
        _settings[manifest.name] = std::move(checked.settings);
    }
    for (const plugin::LoadedHandler& handler : _plugins.handlers())
        build(handler);
}

WorkerAssembly::~WorkerAssembly() = default;

void WorkerAssembly::build(const plugin::LoadedHandler& handler)
{
    worker::HandledType type;
    type.type = handler.type;
    type.plugin = handler.plugin;
    type.pluginVersion = handler.pluginVersion;
    type.options = effectiveOptions(handler.type, handler.options, _configuration);
    type.retry = *type.options.retry;
    if (!type.options.schema.empty()) type.schema = std::make_shared<schema::Schema>(type.options.schema);
    for (const plugin::LoadedUpcast& upcast : _plugins.upcasts())
        if (upcast.type == handler.type) type.upcasts[upcast.from] = upcast.upcast;

    std::vector<chain::Layer> layers;
    const Logger logger = _logger.named(handler.plugin);
    layers.push_back({"trace", std::make_unique<chain::TraceMiddleware>()});
    layers.push_back({"metrics", std::make_unique<chain::MetricsMiddleware>(_metrics, handler.type, _clock)});
    layers.push_back({"dedupe", std::make_unique<chain::DedupeMiddleware>(type.options.transaction, _assembly.store().ledger())});
    layers.push_back({"deadline", std::make_unique<chain::DeadlineMiddleware>(type.options.timeout, _clock, logger)});
    layers.push_back({"retry", std::make_unique<chain::RetryMiddleware>(type.retry, _clock, logger)});
    layers.push_back({"transaction", std::make_unique<chain::TransactionMiddleware>(type.options.transaction)});
    for (const plugin::LoadedMiddleware& middleware : _plugins.middleware())
        chain::place(layers,
                     {middleware.name, middleware.factory({_services, _settings.at(middleware.plugin), _clock, _logger.named(middleware.plugin)})},
                     middleware.placement);
    type.chain = std::make_unique<chain::Chain>(std::move(layers), handler.factory({_services, _settings.at(handler.plugin), _clock, logger}));
    _types.emplace(handler.type, std::move(type));
}

std::vector<worker::Source> WorkerAssembly::sources(const std::vector<std::string>& names, const std::vector<std::string>& queues,
                                                    const std::string& consumerName)
{
    std::vector<worker::Source> sources;
    for (const std::string& name : names.empty() ? _group.transports : names)
    {
        // A named queue belongs to one of the transports; the others have nothing to give then.
        if (!queues.empty() && std::find(queues.begin(), queues.end(), _configuration.transports.at(name).queue) == queues.end()) continue;
        worker::Source source;
        source.transport = &_assembly.transport(name);
        port::ConsumerOptions options;
        if (!queues.empty()) options.queues = {_configuration.transports.at(name).queue};
        options.lease = _configuration.transports.at(name).lease;
        options.name = consumerName;
        options.prefetch = static_cast<std::size_t>(std::max(100, 2 * _group.threads * _group.maxBatch));
        source.consumer = source.transport->consume(options);
        source.joinsStore = source.transport->joins(_assembly.store());
        source.keepsDelays = source.transport->capabilities().keepsDelays;
        sources.push_back(std::move(source));
    }
    return sources;
}

} // namespace carillon::compose
