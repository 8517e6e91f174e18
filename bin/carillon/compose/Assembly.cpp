#include "compose/Assembly.h"

#include "carillon/Errors.h"
#include "compose/Adapters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace carillon::compose
{
namespace
{

RetryPolicy overridden(RetryPolicy policy, const config::RetryOverride& by)
{
    if (by.maxRetries) policy.maxRetries = *by.maxRetries;
    if (by.delay) policy.delay = *by.delay;
    if (by.multiplier) policy.multiplier = *by.multiplier;
    if (by.maxDelay) policy.maxDelay = *by.maxDelay;
    if (by.jitter) policy.jitter = *by.jitter;
    return policy;
}

/// The strictest of the transports': a message that one of them would refuse is refused at the door.
schema::BodyLimits limitsOf(const config::Configuration& configuration)
{
    schema::BodyLimits limits{~std::size_t{0}, ~std::size_t{0}};
    for (const auto& [name, transport] : configuration.transports)
    {
        limits.maxBytes = std::min<std::size_t>(limits.maxBytes, transport.maxBody);
        limits.maxDepth = std::min(limits.maxDepth, static_cast<std::size_t>(transport.maxDepth));
    }
    return limits;
}

} // namespace

HandlerOptions effectiveOptions(const std::string& type, const HandlerOptions& declared, const config::Configuration& configuration)
{
    HandlerOptions options = declared;
    if (!options.retry)
    {
        const auto route = configuration.route(type);
        const auto transport = route.empty() ? configuration.transports.end() : configuration.transports.find(route.front());
        options.retry = transport == configuration.transports.end() ? RetryPolicy{} : transport->second.retry;
    }
    const auto found = configuration.types.find(type);
    if (found == configuration.types.end()) return options;
    const config::MessageType& by = found->second;
    options.retry = overridden(*options.retry, by.retry);
    if (by.timeout) options.timeout = *by.timeout;
    if (by.maxConcurrency) options.maxConcurrency = *by.maxConcurrency;
    if (by.expiresAfter) options.expiresAfter = *by.expiresAfter;
    return options;
}

Assembly::Assembly(const config::Configuration& configuration, const std::vector<plugin::Manifest>& manifests, const Clock& clock) :
    _store(openStore(configuration, clock))
{
    for (const auto& [name, transport] : configuration.transports)
        _transports[name] = openTransport(name, configuration, clock);
    for (const auto& [type, names] : configuration.routing)
    {
        std::vector<port::Transport*> route;
        for (const std::string& name : names)
            route.push_back(&transport(name));
        _router.add(type, std::move(route));
    }
    for (const plugin::Manifest& manifest : manifests)
        for (const plugin::HandlerManifest& handler : manifest.handlers)
        {
            const HandlerOptions options = effectiveOptions(handler.type, handler.options, configuration);
            publish::MessageType rules;
            rules.plugin = manifest.name;
            rules.version = options.version;
            if (!options.schema.empty()) rules.schema = std::make_shared<schema::Schema>(options.schema);
            rules.expiresAfter = options.expiresAfter;
            if (const auto by = configuration.types.find(handler.type); by != configuration.types.end()) rules.priority = by->second.priority.value_or(0);
            _catalogue.add(handler.type, std::move(rules));
        }
    _publisher = std::make_unique<publish::Publisher>(_router, _catalogue, limitsOf(configuration), _store->ledger(), *_store, clock);
}

port::Transport& Assembly::transport(const std::string& name)
{
    const auto found = _transports.find(name);
    if (found != _transports.end()) return *found->second;
    std::vector<std::string> names;
    for (const auto& [known, transport] : _transports)
        names.push_back(known);
    throw ConfigurationError(fmt::format("The receiver \"{}\" does not exist. Valid receivers are: {}.", name, fmt::join(names, ", ")));
}

void Assembly::setUp()
{
    _store->setUp();
    for (const auto& [name, transport] : _transports)
        transport->setUp();
}

} // namespace carillon::compose
