#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "config/Configuration.h"
#include "compose/FcmMetrics.h"
#include "metrics/MetricsRegistry.h"
#include "port/Store.h"
#include "port/Transport.h"
#include "push/PushProvider.h"

#include <memory>
#include <string>

namespace carillon::compose
{

/// The store of `store.dsn`. Throws ConfigurationError for a scheme that this program has no adapter for.
std::unique_ptr<port::Store> openStore(const config::Configuration& configuration, const Clock& clock);

/// The transport of that name, by the scheme of its DSN. On the file of the store it shares the store's connection and transactions.
std::unique_ptr<port::Transport> openTransport(const std::string& name, const config::Configuration& configuration, const Clock& clock);

/// A provider and who counts what it does.
struct MeteredProvider
{
    std::unique_ptr<FcmMetrics> metrics; ///< outlives the provider
    std::unique_ptr<push::PushProvider> provider;
};

/// The push provider of `push.provider`; its counts go to `registry`.
MeteredProvider openPushProvider(const config::Configuration& configuration, metrics::MetricsRegistry& registry, const Clock& clock, const Logger& logger);

} // namespace carillon::compose
