#include "config/Binding.h"

#include <chrono>

namespace carillon::config
{

namespace
{

using binding::KeyBuilder;
using namespace std::chrono_literals;
using C = Configuration;

constexpr double mebibyte = 1 << 20;
constexpr double tebibyte = mebibyte * mebibyte;
constexpr milliseconds year = 24h * 365;

template <typename... Members>
KeyBuilder key(std::string pattern, std::string help, Members... members)
{
    return KeyBuilder(std::move(pattern), std::move(help), members...);
}

std::vector<Key> general()
{
    return {
        key("state_dir", "Folder of everything Carillon writes: store, plugin copies, tokens, crash records.", &C::stateDirectory),
    };
}

std::vector<Key> logging()
{
    return {
        key("log.level", "Least severe lines that are written.", &C::log, &Log::level),
        key("log.format", "One line of text, or one JSON object a line.", &C::log, &Log::format),
        key("log.output", "Where lines go.", &C::log, &Log::output),
        key("log.file", "For log.output = file.", &C::log, &Log::file),
        key("log.queue_size", "Lines waiting for the writer; bounds what a blocked terminal or disk costs.", &C::log, &Log::queueSize)
            .between(16, 1'000'000),
        key("log.overflow", "On a full queue: drop lines below warning at once, or let every line wait. Drops are counted and reported.",
            &C::log, &Log::overflow),
        key("log.overflow_wait", "Longest wait of a line for room in the queue.", &C::log, &Log::overflowWait).between(0ms, 10s),
        key("log.rotate_size", "A larger file is rotated; 0: never.", &C::log, &Log::rotateSize).between(0, 1024 * mebibyte),
        key("log.rotate_keep", "Rotated files kept.", &C::log, &Log::rotateKeep).between(1, 1000),
    };
}

std::vector<Key> plugins()
{
    return {
        key("plugins.directories", "Folders that are scanned for plugins, at start and whenever they change.", &C::plugins,
            &Plugins::directories),
        key("plugins.disabled", "Plugins that are found but not loaded, by name.", &C::plugins, &Plugins::disabled),
    };
}

std::vector<Key> store()
{
    return {
        key("store.dsn", "Where notifications, devices, decisions and dead letters are kept.", &C::store, &Store::dsn).dsn(),
        key("store.durability", "full: a confirmed write survives a power cut; normal: it survives the death of every process.", &C::store,
            &Store::durability),
        key("store.busy_deadline", "How long a writer waits for its turn before it fails.", &C::store, &Store::busyDeadline)
            .between(10ms, 5min),
        key("store.free_disk_floor", "Below it publishing is refused and consuming pauses, while there is room to settle.", &C::store,
            &Store::freeDiskFloor)
            .between(0, tebibyte),
        key("store.retention.done", "How long finished messages are remembered; 0: for ever.", &C::store, &Store::retention,
            &Retention::done)
            .between(0ms, 100 * year),
        key("store.retention.dead", "How long dead letters are kept; 0: for ever.", &C::store, &Store::retention, &Retention::dead)
            .between(0ms, 100 * year),
    };
}

std::vector<Key> transports()
{
    const auto t = &C::transports;
    return {
        key("transports.<name>.dsn", "memory://, sqlite:///path; memory is refused in stage and prod.", t, &Transport::dsn).dsn(),
        key("transports.<name>.queue", "Its queue's name.", t, &Transport::queue).otherwise("the transport's name"),
        key("transports.<name>.exchange.name", "Brokers only: the exchange published to.", t, &Transport::exchange, &Exchange::name)
            .otherwise("the transport's name"),
        key("transports.<name>.exchange.type", "Brokers only.", t, &Transport::exchange, &Exchange::type),
        key("transports.<name>.binding_keys", "Brokers only: what binds the queue to the exchange.", t, &Transport::bindingKeys),
        key("transports.<name>.priority", "Of messages that name none; higher goes first.", t, &Transport::priority).between(0, 9),
        key("transports.<name>.retry.max_retries", "Retries after the first attempt; 3 retries are 4 attempts.", t, &Transport::retry,
            &Retry::maxRetries)
            .between(0, 1000),
        key("transports.<name>.retry.delay", "Before the first retry.", t, &Transport::retry, &Retry::delay).between(0ms, year),
        key("transports.<name>.retry.multiplier", "Each further delay is so many times longer.", t, &Transport::retry, &Retry::multiplier)
            .between(1, 100),
        key("transports.<name>.retry.max_delay", "No delay is longer; 0: no cap.", t, &Transport::retry, &Retry::maxDelay)
            .between(0ms, year),
        key("transports.<name>.retry.jitter", "Random share by which a delay is shorter or longer.", t, &Transport::retry, &Retry::jitter)
            .between(0, 1),
        key("transports.<name>.lease", "A taken message comes back when it was neither settled nor renewed for so long.", t,
            &Transport::lease)
            .between(1s, 24h),
        key("transports.<name>.max_body", "Larger bodies are refused.", t, &Transport::maxBody).between(1, 64 * mebibyte),
        key("transports.<name>.max_depth", "JSON nested deeper is refused.", t, &Transport::maxDepth).between(1, 1000),
        key("transports.<name>.durability", "As store.durability, for this transport.", t, &Transport::durability)
            .otherwise("store.durability"),
    };
}

std::vector<Key> routing()
{
    return {key("routing.<type>", "Transports that a message type goes to; the type * is for all that are not named.", &C::routing)};
}

std::vector<Key> types()
{
    const auto t = &C::types;
    const std::string plugin = "the plugin's, else the transport's";
    return {
        key("types.<type>.retry.max_retries", "Retries after the first attempt.", t, &MessageType::retry, &RetryOverride::maxRetries)
            .between(0, 1000)
            .otherwise(plugin),
        key("types.<type>.retry.delay", "Before the first retry.", t, &MessageType::retry, &RetryOverride::delay)
            .between(0ms, year)
            .otherwise(plugin),
        key("types.<type>.retry.multiplier", "Each further delay is so many times longer.", t, &MessageType::retry,
            &RetryOverride::multiplier)
            .between(1, 100)
            .otherwise(plugin),
        key("types.<type>.retry.max_delay", "No delay is longer; 0: no cap.", t, &MessageType::retry, &RetryOverride::maxDelay)
            .between(0ms, year)
            .otherwise(plugin),
        key("types.<type>.retry.jitter", "Random share by which a delay is shorter or longer.", t, &MessageType::retry,
            &RetryOverride::jitter)
            .between(0, 1)
            .otherwise(plugin),
        key("types.<type>.timeout", "Of one attempt of the handler.", t, &MessageType::timeout).between(1ms, 24h).otherwise("the plugin's"),
        key("types.<type>.expires_after", "From publishing, when the publisher names no expires_at.", t, &MessageType::expiresAfter)
            .between(1ms, year)
            .otherwise("the plugin's"),
        key("types.<type>.max_concurrency", "At once, over all workers; 0: no limit.", t, &MessageType::maxConcurrency)
            .between(0, 10'000)
            .otherwise("the plugin's"),
        key("types.<type>.priority", "Of messages that name none; higher goes first.", t, &MessageType::priority)
            .between(0, 9)
            .otherwise("the transport's"),
    };
}

std::vector<Key> groups()
{
    const auto g = &C::groups;
    return {
        key("groups.<name>.transports", "What it consumes; the first is looked at first.", g, &Group::transports),
        key("groups.<name>.plugins", "Plugins it loads, by name; * is all.", g, &Group::plugins),
        key("groups.<name>.processes", "Worker processes.", g, &Group::processes).between(1, 256),
        key("groups.<name>.threads", "Handler threads a process.", g, &Group::threads).between(1, 256),
        key("groups.<name>.max_batch", "Messages that go through the chain together; more are never waited for.", g, &Group::maxBatch)
            .between(1, 1000),
        key("groups.<name>.nice", "CPU priority of its processes; higher gives way.", g, &Group::nice).between(-20, 19),
        key("groups.<name>.memory_limit", "Resident memory after which a process is replaced between messages; 0: none.", g,
            &Group::memoryLimit)
            .between(0, tebibyte),
        key("groups.<name>.stall_after", "Not ready when messages wait, a handler is free, and none was taken for so long.", g,
            &Group::stallAfter)
            .between(1s, 24h),
        key("groups.<name>.backoff.initial", "Wait before a crashed process is started again; doubled each time.", g, &Group::backoff,
            &Backoff::initial)
            .between(1ms, 1h),
        key("groups.<name>.backoff.max", "Longest such wait.", g, &Group::backoff, &Backoff::max).between(1ms, 24h),
        key("groups.<name>.breaker.deaths", "Deaths within the window that open the group's breaker.", g, &Group::breaker,
            &DeathBreaker::deaths)
            .between(1, 1000),
        key("groups.<name>.breaker.window", "See breaker.deaths.", g, &Group::breaker, &DeathBreaker::window).between(1s, 24h),
        key("groups.<name>.breaker.open_for", "Then one process is tried again.", g, &Group::breaker, &DeathBreaker::openFor)
            .between(100ms, 24h),
    };
}

std::vector<Key> processes()
{
    return {
        key("worker.drain_timeout", "On stop, what still runs after it is given back.", &C::worker, &Worker::drainTimeout)
            .between(0ms, 24h),
        key("worker.heartbeat_interval", "Between the signs of life of a child.", &C::worker, &Worker::heartbeatInterval).between(10ms, 1h),
        key("worker.heartbeat_stale", "A child that was silent for so long is killed and replaced.", &C::worker, &Worker::heartbeatStale)
            .between(100ms, 24h),
        key("clerk.tick_min", "It sleeps until the next due thing, but never shorter.", &C::clerk, &Clerk::tickMin).between(1ms, 1min),
        key("clerk.tick_max", "Nor longer.", &C::clerk, &Clerk::tickMax).between(1ms, 1h),
        key("clerk.lease", "Another clerk takes over when this one was silent for so long.", &C::clerk, &Clerk::lease).between(1s, 1h),
        key("clerk.relay_batch", "Outbox rows it publishes at a time.", &C::clerk, &Clerk::relayBatch).between(1, 10'000),
        key("clerk.retention_interval", "Between two sweeps of what is past its retention.", &C::clerk, &Clerk::retentionInterval)
            .between(1s, 24h * 7),
        key("crash.core", "Write core files; they hold bodies and tokens.", &C::crash, &Crash::core),
    };
}

std::vector<Key> admin()
{
    const auto a = &C::admin;
    return {
        key("admin.host", "Address the HTTP API listens on.", a, &Admin::host),
        key("admin.port", "Its port; 0: any free one.", a, &Admin::port).between(0, 65535),
        key("admin.token", "Bearer token of all but the open endpoints. stage and prod need one.", a, &Admin::token)
            .secret()
            .otherwise("dev and test write one to <state_dir>/admin.token"),
        key("admin.allowed_hosts", "Host headers answered, without port; * is any.", a, &Admin::allowedHosts),
        key("admin.max_body", "Larger requests are refused.", a, &Admin::maxBody).between(1024, 64 * mebibyte),
        key("admin.max_header", "All header lines together.", a, &Admin::maxHeader).between(1024, mebibyte),
        key("admin.max_depth", "JSON nested deeper is refused.", a, &Admin::maxDepth).between(1, 1000),
        key("admin.max_page", "Rows a page at most.", a, &Admin::maxPage).between(1, 10'000),
        key("admin.max_connections", "Requests of the API at once, in work or waiting; a further one gets 503.", a, &Admin::maxConnections).between(1, 10'000),
        key("admin.threads", "Requests answered at once; idle connections hold none.", a, &Admin::threads).between(1, 1000),
        key("admin.probe_threads", "Of their own for health probes, so that a busy API is not taken for a dead one.", a,
            &Admin::probeThreads)
            .between(1, 100),
        key("admin.request_timeout", "A slower client is cut off.", a, &Admin::requestTimeout).between(100ms, 10min),
        key("admin.keep_alive_timeout", "An idle connection is closed.", a, &Admin::keepAliveTimeout).between(0ms, 10min),
    };
}

std::vector<Key> push()
{
    const auto p = &C::push;
    const auto f = &Push::fcm;
    return {
        key("push.provider", "Who delivers pushes.", p, &Push::provider),
        key("push.fcm.endpoint", "Firebase Cloud Messaging's address.", p, f, &Fcm::endpoint),
        key("push.fcm.service_account_file", "Google's JSON key file; without it only dry runs work.", p, f, &Fcm::serviceAccountFile)
            .secretFile(),
        key("push.fcm.project_id", "Firebase project.", p, f, &Fcm::projectId).otherwise("the service account's"),
        key("push.fcm.token_uri", "OAuth2 token endpoint.", p, f, &Fcm::tokenUri).otherwise("the service account's"),
        key("push.fcm.ca_file", "Certificates to trust, PEM.", p, f, &Fcm::caFile).existingFile().otherwise("the system's"),
        key("push.fcm.timeout", "Of one request.", p, f, &Fcm::timeout).between(100ms, 5min),
        key("push.fcm.connect_timeout", "Of a new connection.", p, f, &Fcm::connectTimeout).between(100ms, 5min),
        key("push.fcm.connections", "HTTP/2 connections a process.", p, f, &Fcm::connections).between(1, 64),
        key("push.fcm.max_streams", "Requests in flight a connection.", p, f, &Fcm::maxStreams).between(1, 1000),
        key("push.fcm.min_retry_delay", "Shortest wait after a 500 or 503; Google advises 10s, the breaker opens long before that matters.",
            p, f, &Fcm::minRetryDelay)
            .between(0ms, 1h),
        key("push.fcm.max_retry_after", "A longer Retry-After is cut to it.", p, f, &Fcm::maxRetryAfter).between(1s, 24h * 7),
        key("push.fcm.ttl", "How long FCM keeps a push for a device that is off.", p, f, &Fcm::ttl).between(0ms, 24h * 28),
        key("push.fcm.validate_only", "FCM checks and delivers nothing.", p, f, &Fcm::validateOnly),
        key("push.fcm.breaker.failures",
            "Provider-wide failures, for so many addresses within the window, that open the breaker; 0: never.", p, f, &Fcm::breaker,
            &ProviderBreaker::failures)
            .between(0, 10'000),
        key("push.fcm.breaker.window", "See breaker.failures.", p, f, &Fcm::breaker, &ProviderBreaker::window).between(1s, 24h),
        key("push.fcm.breaker.open_for", "While open, messages are deferred and cost no attempt.", p, f, &Fcm::breaker,
            &ProviderBreaker::openFor)
            .between(100ms, 24h),
    };
}

std::vector<Key> notification()
{
    const auto n = &C::notification;
    return {
        key("notification.rate_limit", "Pushes to one user within any rate_window, over all services and workers.", n,
            &Notification::rateLimit)
            .between(1, 10'000),
        key("notification.rate_window", "See rate_limit.", n, &Notification::rateWindow).between(1s, 24h),
        key("notification.services", "Names that serviceName may have.", n, &Notification::services),
        key("notification.push_text", "given: the sender's words; neutral: always the texts below, the app fetches the words after unlocking.", n,
            &Notification::pushText),
        key("notification.alert.title", "Shown when the sender gave none; says nothing of health.", n, &Notification::alert,
            &NeutralText::title),
        key("notification.alert.body", "Same.", n, &Notification::alert, &NeutralText::body),
        key("notification.reminder.title", "Same.", n, &Notification::reminder, &NeutralText::title),
        key("notification.reminder.body", "Same.", n, &Notification::reminder, &NeutralText::body),
        key("notification.info.title", "Same.", n, &Notification::info, &NeutralText::title),
        key("notification.info.body", "Same.", n, &Notification::info, &NeutralText::body),
    };
}

} // namespace

const std::vector<Key>& keys()
{
    static const std::vector<Key> all = []
    {
        std::vector<Key> list;
        for (auto* part : {general, logging, plugins, store, transports, routing, types, groups, processes, admin, push, notification})
        {
            auto some = part();
            list.insert(list.end(), some.begin(), some.end());
        }
        return list;
    }();
    return all;
}

} // namespace carillon::config
