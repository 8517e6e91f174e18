#include "compose/Adapters.h"

#include "carillon/Errors.h"
#include "compose/FcmMetrics.h"
#include "push/fcm/FcmClient.h"
#include "stores/sqlite/SqliteStore.h"
#include "transports/memory/MemoryTransport.h"
#include "transports/sqlite/SqliteTransport.h"

#include <fmt/format.h>

#include <filesystem>

namespace carillon::compose
{
namespace
{

std::string schemeOf(const std::string& dsn)
{
    return dsn.substr(0, dsn.find("://"));
}

/// `sqlite:///relative/path` was made absolute by the configuration: what follows the two slashes is the path.
std::filesystem::path pathOf(const std::string& dsn)
{
    return dsn.substr(dsn.find("://") + 3);
}

/// Transport and store on one file get one object, and with it one connection and common transactions.
std::shared_ptr<sqlite::Database> openDatabase(const std::string& dsn, const config::Configuration& configuration, config::Durability durability)
{
    sqlite::Options options;
    options.durability = durability == config::Durability::Full ? sqlite::Durability::Full : sqlite::Durability::Normal;
    options.busyDeadline = configuration.store.busyDeadline;
    options.freeDiskFloor = configuration.store.freeDiskFloor;
    const auto file = pathOf(dsn);
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    if (error)
        throw ConfigurationError(fmt::format("the folder {} of the database cannot be made ({}); make it, or give this user the right to", file.parent_path().string(),
                                             error.message()));
    return sqlite::Database::open(file, options);
}

} // namespace

std::unique_ptr<port::Store> openStore(const config::Configuration& configuration, const Clock& clock)
{
    const std::string& dsn = configuration.store.dsn;
    if (schemeOf(dsn) == "sqlite")
        return std::make_unique<stores::sqlite::SqliteStore>(openDatabase(dsn, configuration, configuration.store.durability), clock);
    throw ConfigurationError(fmt::format("store.dsn: no store is built in for '{}://'; use sqlite:///path", schemeOf(dsn)));
}

std::unique_ptr<port::Transport> openTransport(const std::string& name, const config::Configuration& configuration, const Clock& clock)
{
    const config::Transport& transport = configuration.transports.at(name);
    const std::string scheme = schemeOf(transport.dsn);
    if (scheme == "sqlite")
    {
        transports::sqlite::SqliteTransportOptions options;
        options.name = name;
        options.queues = {transport.queue};
        options.maxBody = transport.maxBody;
        const auto durability = transport.durability.value_or(configuration.store.durability);
        return std::make_unique<transports::sqlite::SqliteTransport>(openDatabase(transport.dsn, configuration, durability), options, clock);
    }
    if (scheme == "memory")
    {
        transports::memory::MemoryTransportOptions options;
        options.name = name;
        options.queues = {transport.queue};
        options.maxBody = transport.maxBody;
        return std::make_unique<transports::memory::MemoryTransport>(options, clock);
    }
    throw ConfigurationError(fmt::format("transports.{}.dsn: no transport is built in for '{}://'; use sqlite:///path or memory://", name, scheme));
}

MeteredProvider openPushProvider(const config::Configuration& configuration, metrics::MetricsRegistry& registry, const Clock& clock, const Logger& logger)
{
    const config::Push& push = configuration.push;
    if (push.provider != "fcm") throw ConfigurationError(fmt::format("push.provider: '{}' is not built in; use fcm", push.provider));
    const config::Fcm& from = push.fcm;
    push::fcm::FcmOptions options;
    options.endpoint = from.endpoint;
    options.projectId = from.projectId;
    options.serviceAccountFile = from.serviceAccountFile;
    options.tokenUri = from.tokenUri;
    options.caFile = from.caFile;
    options.timeout = from.timeout;
    options.connectTimeout = from.connectTimeout;
    options.connections = from.connections;
    options.maxStreams = from.maxStreams;
    options.minRetryDelay = from.minRetryDelay;
    options.maxRetryAfter = from.maxRetryAfter;
    options.ttl = from.ttl;
    options.validateOnly = from.validateOnly;
    options.breaker.failures = from.breaker.failures;
    options.breaker.openFor = from.breaker.openFor;
    options.breaker.window = from.breaker.window;
    auto metrics = std::make_unique<FcmMetrics>(registry);
    auto client = std::make_unique<push::fcm::FcmClient>(options, clock, logger, metrics.get());
    return {std::move(metrics), std::move(client)};
}

} // namespace carillon::compose
