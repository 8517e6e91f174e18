#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "metrics/MetricsRegistry.h"
#include "port/Store.h"
#include "publish/Router.h"

#include <chrono>
#include <optional>
#include <string>

namespace carillon::clerk
{

/// What the clerk does when; 0 for a retention keeps for ever.
struct ClerkOptions
{
    std::chrono::milliseconds tickMin{10};
    std::chrono::milliseconds tickMax{1000};
    std::chrono::milliseconds lease{15000};
    std::size_t relayBatch = 256;
    std::chrono::milliseconds retentionInterval{std::chrono::minutes(10)};
    std::chrono::milliseconds keepDone{std::chrono::hours(24 * 7)};
    std::chrono::milliseconds keepDead{std::chrono::hours(24 * 90)};
    /// Rate limiter's permits are forgotten so long after they ended: longer than any window.
    std::chrono::milliseconds keepPermits{std::chrono::hours(1)};
};

/// The housekeeper: publishes what waits in the outbox and in the store's delays, and deletes what retention lets go. Of all clerks one is active,
/// by lease; another goes on when it is silent. What it does twice by a change of lease is only a repeated publish of the same ids.
/// One thread drives it.
class Clerk
{
public:
    Clerk(port::Store& store, const publish::Router& router, metrics::MetricsRegistry& registry, const ClerkOptions& options, std::string holder,
          const Clock& clock, const Logger& logger);

    /// One round; says how long there is nothing to do. Never throws: what fails is logged and tried again.
    std::chrono::milliseconds tick();
    /// Gives the lease back, so that the next clerk need not wait for its end. Never throws.
    void release() noexcept;
    bool isActive() const { return _active; }

private:
    bool relayOutbox();
    bool publishDelayed();
    void sweep();
    std::chrono::milliseconds untilNext() const;

    port::Store& _store;
    const publish::Router& _router;
    const ClerkOptions _options;
    const std::string _holder;
    const Clock& _clock;
    const Logger _logger;
    metrics::Counter _relayed;
    metrics::Counter _delayedPublished;
    metrics::Counter _swept;
    metrics::Counter _errors;
    metrics::Gauge _outboxSize;
    bool _active = false;
    int _failuresInARow = 0;
    std::optional<TimePoint> _nextSweep;
};

} // namespace carillon::clerk
