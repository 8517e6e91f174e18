#pragma once

#include "carillon/Api.h"
#include "carillon/Clock.h"
#include "carillon/Handler.h"
#include "carillon/Logger.h"
#include "carillon/Middleware.h"
#include "carillon/RetryPolicy.h"
#include "carillon/Services.h"
#include "carillon/Settings.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace carillon
{

/// How the store takes part in the handling of a type.
enum class TransactionKind
{
    /// The stage and the decision are one transaction; a redelivery that finds a decision does not run the handler.
    /// The stage of a message that failed is dropped.
    Each,
    /// For effects outside the store: the handler has a short transaction of its own before the effect, and stages the results.
    /// The stage of an outcome that the handler returned is applied whatever the outcome; a throw drops it.
    Manual,
    /// Declared idempotent: no rows on the good path; the look-up is made for deliveries marked redelivered only.
    None
};

/// What a factory may use. Valid as long as the handler or middleware that is made.
struct Wiring
{
    const Services& services;
    const Settings& settings;
    const Clock& clock;
    Logger logger;
};

/// How messages of one type are checked and handled. The configuration's `types.<type>` overrides what is marked (c).
struct HandlerOptions
{
    /// JSON Schema, draft-07, of the body's newest version. Empty: any JSON. A `pattern` needs a `maxLength` of 1024 at most.
    std::string schema{};
    /// The newest version that the handler understands; a newer message is deferred.
    int version = 1;
    /// (c) Unset: the transport's policy.
    std::optional<RetryPolicy> retry{};
    /// (c) The handler's deadline; leases are renewed until then.
    std::chrono::milliseconds timeout{30000};
    TransactionKind transaction = TransactionKind::Each;
    /// (c) At most so many at once, over all workers; 0 is no limit.
    int maxConcurrency = 0;
    /// Largest batch that the handler gains by; 0: the group's `max_batch`.
    int maxBatch = 0;
    /// (c) For messages that name no `expires_at`; unset: never.
    std::optional<std::chrono::milliseconds> expiresAfter{};
};

using HandlerFactory = std::function<std::unique_ptr<Handler>(const Wiring&)>;
using MiddlewareFactory = std::function<std::unique_ptr<Middleware>(const Wiring&)>;
/// Turns a body of version `from` into one of version `from + 1`. Throws PermanentFailure when it cannot.
using Upcast = std::function<std::string(const std::string& body)>;

/// Where a plugin's layer goes: just outside `before`, or just inside `after`; exactly one is named.
struct MiddlewarePlacement
{
    std::string before{};
    std::string after{};
};

/// A message published again and again. `cron` has five fields, read in `timeZone` (IANA name).
struct ScheduleDeclaration
{
    std::string name{};
    std::string cron{};
    std::string timeZone = "UTC";
    std::string type{};
    std::string body = "{}";
};

/// Where a plugin says what it brings. It only declares: factories run later, in workers, with everything there.
/// The same call is made in a throw-away process without services, network or secrets, which writes the plugin's manifest.
/// Throws ConfigurationError naming the plugin on a name or type that is taken or malformed.
class CARILLON_API Registry
{
public:
    virtual ~Registry();

    virtual void add(const std::string& type, const HandlerOptions& options, HandlerFactory factory) = 0;
    virtual void addUpcast(const std::string& type, int from, Upcast upcast) = 0;
    virtual void addMiddleware(const std::string& name, const MiddlewarePlacement& placement, MiddlewareFactory factory) = 0;
    virtual void addSchedule(const ScheduleDeclaration& schedule) = 0;
    virtual void addSetting(const SettingDeclaration& setting) = 0;

    /// For handlers that need nothing: `registry.add<PrintHandler>("example.print", {…})`.
    template <typename HandlerType>
    void add(const std::string& type, const HandlerOptions& options = {})
    {
        add(type, options, [](const Wiring&) { return std::make_unique<HandlerType>(); });
    }
};

} // namespace carillon
