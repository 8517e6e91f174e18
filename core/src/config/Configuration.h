#pragma once

#include "carillon/Logger.h"
#include "carillon/RetryPolicy.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What Carillon can be told, as plain structs. They are parsed once, before any thread starts, and only read afterwards.
///
/// A member's initialiser is the built-in default; Keys.cpp binds every member to its key in the files and gives range and help
/// (`carillon config:reference` prints them all). `transports.<name>.retry.max_retries` is `transports[name].retry.maxRetries`.
/// Durations carry their unit in the type, sizes are bytes, paths are absolute once loaded. 0 means "no limit" only where it says so.
namespace carillon::config
{

using std::chrono::milliseconds;
using Retry = RetryPolicy;

/// Which of the environment files was read, and how strict the checks are (stage and prod refuse what is not durable).
enum class Environment
{
    Dev,
    Test,
    Stage,
    Prod
};

enum class LogFormat
{
    Text,
    Json
};

enum class LogOutput
{
    Stderr,
    File
};

/// What the caller thread does when the log queue is full; nothing is dropped uncounted.
enum class LogOverflow
{
    Drop, ///< lines below `warning` are dropped at once and counted; others wait up to `log.overflow_wait`, then are dropped and counted
    Block ///< every line waits up to `log.overflow_wait`, then is dropped and counted
};

/// Full: a confirmed write survives a power cut. Normal: it survives the death of every process, but a power cut may cost the last moments.
enum class Durability
{
    Full,
    Normal
};

/// What a push shows: the sender's words where there are any, or the configured neutral ones always (the app fetches the words after unlocking).
enum class PushText
{
    Given,
    Neutral
};

enum class ExchangeType
{
    Direct,
    Topic,
    Fanout
};

/// Where a value came from: `etc/dev.yaml:12:3`, `environment CARILLON__ADMIN__PORT`, `command line`, `default`.
struct Origin
{
    enum class Layer
    {
        Default,
        BaseFile,
        EnvironmentFile,
        EnvironmentVariable,
        CommandLine
    };

    Layer layer = Layer::Default;
    std::string source; ///< file as it was named, or variable; empty for default and command line
    int line = 0;       ///< from 1; 0: not in a file
    int column = 0;

    std::string text() const;
};

/// One effective value as it was written. What `config:show` prints and what a child process is handed (see Handover.h).
struct Entry
{
    std::string key;                ///< `transports.notifications.dsn`
    std::string value;              ///< one line of text, substituted, secret files read; lists joined by `, `
    std::vector<std::string> items; ///< the same as a list
    bool secret = false;            ///< `config:show` masks it
    Origin origin;
};

struct Log
{
    LogLevel level = LogLevel::Information;
    LogFormat format = LogFormat::Text;
    LogOutput output = LogOutput::Stderr;
    std::filesystem::path file = "%state_dir%/carillon.log"; ///< for output=file

    /// Lines waiting for the writer thread; bounds the memory a blocked terminal or disk can cost.
    int queueSize = 8192;
    LogOverflow overflow = LogOverflow::Drop;
    milliseconds overflowWait{100};

    std::uint64_t rotateSize = 64ULL << 20; ///< the file is rotated when it is larger; 0: never
    int rotateKeep = 10;                    ///< rotated files kept
};

/// `plugin.<name>.<key>`: free for the plugin, checked against what its manifest declares (PluginSettings.h).
using PluginValues = std::map<std::string, Entry>;

struct Plugins
{
    std::vector<std::filesystem::path> directories{"plugins"};
    std::vector<std::string> disabled; ///< plugin names that are found but not loaded
};

/// How long a record is kept after it reached its last state. 0: for ever.
struct Retention
{
    milliseconds done = std::chrono::hours(24 * 7);
    milliseconds dead = std::chrono::hours(24 * 90);
};

struct Store
{
    std::string dsn = "sqlite:///%state_dir%/carillon.db";
    Durability durability = Durability::Full;

    /// How long a writer waits for its turn before the publisher gets an error.
    milliseconds busyDeadline{5000};

    /// Below it publishing is refused and consuming pauses, while there is still room to settle what runs.
    std::uint64_t freeDiskFloor = 64ULL << 20;
    Retention retention;
};

struct Exchange
{
    std::string name; ///< never empty once loaded: the transport's name
    ExchangeType type = ExchangeType::Direct;
};

struct Transport
{
    std::string dsn = "sqlite:///%state_dir%/carillon.db"; ///< the store's own file: acknowledging is part of the deciding transaction
    std::string queue;                                     ///< never empty once loaded: the transport's name
    Exchange exchange;                                     ///< brokers only; the embedded transports have queues alone
    std::vector<std::string> bindingKeys;                  ///< brokers only
    int priority = 0;                                      ///< of messages that say nothing; higher goes first
    Retry retry;                                           ///< for types that have no policy of their own
    milliseconds lease{30000};            ///< a taken message comes back when it was neither settled nor renewed for so long
    std::uint64_t maxBody = 256ULL << 10; ///< larger bodies are refused at every door
    int maxDepth = 64;                    ///< of the JSON body, checked while parsing
    std::optional<Durability> durability; ///< unset: the store's
};

/// What the configuration says over the plugin's own policy of a message type; unset members leave the plugin's (else the transport's).
struct RetryOverride
{
    std::optional<int> maxRetries;
    std::optional<milliseconds> delay;
    std::optional<double> multiplier;
    std::optional<milliseconds> maxDelay;
    std::optional<double> jitter;
};

struct MessageType
{
    RetryOverride retry;
    std::optional<milliseconds> timeout;      ///< one attempt of the handler; unset: the plugin's
    std::optional<milliseconds> expiresAfter; ///< from publishing, when the publisher says nothing
    std::optional<int> maxConcurrency;        ///< over all workers; unset: the plugin's
    std::optional<int> priority;              ///< unset: the transport's
};

/// Restart of a group's processes after crashes.
struct Backoff
{
    milliseconds initial{100};
    milliseconds max{30000};
};

/// Opens after `deaths` within `window`; one process is tried again after `openFor`.
struct DeathBreaker
{
    int deaths = 5;
    milliseconds window{60000};
    milliseconds openFor{30000};
};

struct Group
{
    std::vector<std::string> transports;   ///< names, first = looked at first
    std::vector<std::string> plugins{"*"}; ///< names, or `*` for all
    int processes = 1;
    int threads = 4;
    int maxBatch = 64; ///< messages that go through the chain together; never waited for
    int nice = 0;
    std::uint64_t memoryLimit = 0;  ///< RSS of a process after which it is replaced, between messages; 0: none
    milliseconds stallAfter{30000}; ///< messages wait, a handler is free, none taken for so long: not ready (promise 4)
    Backoff backoff;
    DeathBreaker breaker;
};

struct Worker
{
    milliseconds drainTimeout{30000}; ///< what still runs after it is given back
    milliseconds heartbeatInterval{1000};
    milliseconds heartbeatStale{10000}; ///< the master replaces a child that was silent for so long
};

struct Admin
{
    std::string host = "127.0.0.1";
    int port = 8009;   ///< 0: any free one (tests)
    std::string token; ///< secret; empty: dev and test write one to `<state_dir>/admin.token`, stage and prod refuse to start
    std::vector<std::string> allowedHosts{"localhost", "127.0.0.1", "[::1]"}; ///< of the Host header, without port; `*` for any
    std::uint64_t maxBody = 1ULL << 20;
    std::uint64_t maxHeader = 16ULL << 10;
    int maxDepth = 64;
    int maxPage = 200;
    int maxConnections = 64; ///< requests in work or waiting for a thread; a further one gets 503
    int threads = 16;     ///< requests answered at once; idle connections hold none
    int probeThreads = 2; ///< of their own, so that a full pool is not taken for a dead process
    milliseconds requestTimeout{10000};
    milliseconds keepAliveTimeout{5000};
};

/// Schedules, the outbox's relay and the sweepers.
struct Clerk
{
    milliseconds tickMin{10};   ///< it sleeps until the next due thing, but never shorter …
    milliseconds tickMax{1000}; ///< … nor longer
    milliseconds lease{15000};  ///< another clerk takes over when this one was silent for so long
    int relayBatch = 256;       ///< outbox rows a transaction
    milliseconds retentionInterval{std::chrono::minutes(10)};
};

/// Opens after failures of the provider itself for `failures` addresses within `window`; while it is open, messages are deferred and cost
/// no attempt.
struct ProviderBreaker
{
    int failures = 20; ///< 0: never opens
    milliseconds window{60000};
    milliseconds openFor{10000};
};

struct Fcm
{
    std::string endpoint = "https://fcm.googleapis.com";
    std::filesystem::path serviceAccountFile; ///< Google's JSON key; empty: push is not set up, and only dry runs work
    std::string projectId;                    ///< empty: the service account's
    std::string tokenUri;                     ///< empty: the service account's
    std::filesystem::path caFile;             ///< empty: the system's certificates
    milliseconds timeout{15000};              ///< of one request
    milliseconds connectTimeout{5000};
    int connections = 1;
    int maxStreams = 100;          ///< requests in flight a connection
    milliseconds minRetryDelay{0}; ///< Google advises 10s after a 500 or 503; the breaker opens long before that matters
    milliseconds maxRetryAfter{std::chrono::minutes(15)}; ///< a longer Retry-After is cut to it
    milliseconds ttl{std::chrono::hours(24 * 28)};        ///< how long FCM keeps a push for a device that is off
    bool validateOnly = false;                            ///< FCM checks and delivers nothing
    ProviderBreaker breaker;
};

struct Push
{
    std::string provider = "fcm";
    Fcm fcm;
};

/// What a lock screen shows when the sender gave no title or body: it passes other people's servers and eyes, so it says nothing of health.
struct NeutralText
{
    std::string title;
    std::string body;
};

struct Notification
{
    int rateLimit = 10; ///< of one user, over all services and workers, within any `rateWindow`
    milliseconds rateWindow{60000};
    std::vector<std::string> services{"diabetes", "wellness", "maternity"};
    PushText pushText = PushText::Given;
    NeutralText alert{"Message important", "Ouvrez l’application pour le lire."};
    NeutralText reminder{"Rappel", "Vous avez un rappel dans l’application."};
    NeutralText info{"Information", "Un nouveau message vous attend dans l’application."};
};

struct Crash
{
    bool core = false; ///< cores hold bodies and tokens
};

struct Configuration
{
    Environment environment = Environment::Dev;
    std::filesystem::path baseDirectory; ///< what relative paths are relative to; not a key
    std::filesystem::path stateDirectory = "state";
    Log log;
    Plugins plugins;
    std::map<std::string, PluginValues> plugin; ///< by plugin, then by key
    Store store;
    std::map<std::string, Transport> transports;
    std::map<std::string, std::vector<std::string>> routing; ///< message type, or `*`, to transports
    std::map<std::string, MessageType> types;
    std::map<std::string, Group> groups;
    Worker worker;
    Admin admin;
    Clerk clerk;
    Push push;
    Notification notification;
    Crash crash;

    /// Every effective value with its origin, ordered by key. The members above were built from it; changing one does not change the other.
    std::vector<Entry> entries;
    std::vector<std::filesystem::path> files; ///< read, lowest layer first

    /// Transports of a message type by the routing table; empty: nobody routes it (an unroutable publish is an error, promise 6).
    std::vector<std::string> route(const std::string& type) const;

    /// True in stage and prod, where what is not durable or not protected is refused.
    bool isStrict() const { return environment == Environment::Stage || environment == Environment::Prod; }
};

std::string toString(Environment environment);
std::string toString(LogLevel level);
std::string toString(LogFormat format);
std::string toString(LogOutput output);
std::string toString(LogOverflow overflow);
std::string toString(Durability durability);
std::string toString(ExchangeType type);
std::string toString(PushText text);

} // namespace carillon::config
