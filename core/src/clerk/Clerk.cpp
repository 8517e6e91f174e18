#include "clerk/Clerk.h"

#include "carillon/Errors.h"
#include "port/DeadLetters.h"
#include "port/Delays.h"
#include "port/Lease.h"
#include "port/Ledger.h"
#include "port/PushLedger.h"
#include "port/RateLimiter.h"

#include <algorithm>
#include <map>
#include <vector>

namespace carillon::clerk
{
namespace
{

constexpr const char* leaseName = "clerk";
/// A claim that its holder did not finish is free again after so long.
constexpr std::chrono::milliseconds claimFor{30000};
/// Rows a statement: a sweep must not hold the writers up.
constexpr std::size_t sweepBatch = 1000;

/// Publishes rows by transport; the sequences of those that are safe there now. What a transport refuses or cannot take stays for later.
std::vector<std::int64_t> publishAll(const publish::Router& router, const std::vector<port::OutboxMessage>& rows, const Logger& logger)
{
    std::map<std::string, std::vector<const port::OutboxMessage*>> byTransport;
    for (const port::OutboxMessage& row : rows)
        byTransport[row.transport].push_back(&row);

    std::vector<std::int64_t> published;
    for (const auto& [name, group] : byTransport)
    {
        port::Transport* transport = router.transport(name);
        if (transport == nullptr)
        {
            logger.error("messages wait for a transport that no route names; put it under 'routing' again, or they stay",
                         {{"transport", name}, {"messages", group.size()}});
            continue;
        }
        std::vector<Envelope> envelopes;
        for (const port::OutboxMessage* row : group)
            envelopes.push_back(row->envelope);
        try
        {
            const auto results = transport->publish(envelopes);
            for (std::size_t i = 0; i < results.size(); ++i)
            {
                if (results[i].status != port::PublishResult::Status::Refused)
                    published.push_back(group[i]->sequence);
                else
                    logger.error("a transport refused a message; it stays and is tried again",
                                 {{"transport", name}, {"id", envelopes[i].id}, {"reason", results[i].reason}});
            }
        }
        catch (const TransportError& error)
        {
            logger.warning("a transport cannot be reached; its messages stay and are tried again",
                           {{"transport", name}, {"messages", group.size()}, {"reason", error.what()}});
        }
    }
    return published;
}

} // namespace

Clerk::Clerk(port::Store& store, const publish::Router& router, metrics::MetricsRegistry& registry, const ClerkOptions& options,
             std::string holder, const Clock& clock, const Logger& logger) :
    _store(store), _router(router), _options(options), _holder(std::move(holder)), _clock(clock), _logger(logger),
    _relayed(registry.counter("carillon_outbox_relayed_total", "Outbox messages that the clerk published")),
    _delayedPublished(registry.counter("carillon_delays_published_total", "Delayed messages of the store that became due and were published")),
    _swept(registry.counter("carillon_retention_rows_total", "Rows that retention deleted")),
    _errors(registry.counter("carillon_clerk_errors_total", "Rounds of the clerk that failed and were tried again")),
    _outboxSize(registry.gauge("carillon_outbox_size", "Messages in the outbox", {}, metrics::GaugeRule::Maximum))
{
}

std::chrono::milliseconds Clerk::tick()
{
    try
    {
        const bool had = _active;
        _active = _store.lease().acquire(leaseName, _holder, _options.lease).has_value();
        if (_active != had) _logger.info(_active ? "active: this clerk has the lease" : "standing by: another clerk has the lease");
        if (!_active) return _options.tickMax;

        bool isMore = relayOutbox();
        isMore = publishDelayed() || isMore;
        if (!_nextSweep || _clock.now() >= *_nextSweep) sweep();
        _failuresInARow = 0;
        return isMore ? std::chrono::milliseconds{0} : untilNext();
    }
    catch (const std::exception& error)
    {
        _errors.add();
        if (++_failuresInARow <= 3 || _failuresInARow % 60 == 0)
            _logger.error("a round failed; trying again", {{"reason", error.what()}, {"failures", _failuresInARow}});
        return _options.tickMax;
    }
}

void Clerk::release() noexcept
{
    try
    {
        if (_active) _store.lease().release(leaseName, _holder);
        _active = false;
    }
    catch (const std::exception& error)
    {
        _logger.warning("the lease could not be given back; it ends by itself", {{"reason", error.what()}});
    }
}

bool Clerk::relayOutbox()
{
    const auto size = _store.ledger().outboxSize();
    _outboxSize.set(static_cast<double>(size));
    if (size == 0) return false;
    const auto rows = _store.ledger().claimOutbox(_options.relayBatch, claimFor);
    const auto published = publishAll(_router, rows, _logger);
    if (!published.empty()) _store.ledger().markPublished(published);
    _relayed.add(published.size());
    return !published.empty() && rows.size() == _options.relayBatch;
}

bool Clerk::publishDelayed()
{
    const auto rows = _store.delays().claimDue(_clock.now(), _options.relayBatch, claimFor);
    if (rows.empty()) return false;
    const auto published = publishAll(_router, rows, _logger);
    if (!published.empty()) _store.delays().markPublished(published);
    _delayedPublished.add(published.size());
    return !published.empty() && rows.size() == _options.relayBatch;
}

void Clerk::sweep()
{
    const TimePoint now = _clock.now();
    std::size_t rows = 0;
    bool isMore = false;
    const auto count = [&rows, &isMore](std::size_t swept) {
        rows += swept;
        isMore = isMore || swept == sweepBatch;
    };
    if (_options.keepDone.count() > 0)
    {
        count(_store.ledger().sweep(now - _options.keepDone, sweepBatch));
        count(_store.pushLedger().sweep(now - _options.keepDone, sweepBatch));
    }
    if (_options.keepPermits.count() > 0) count(_store.rateLimiter().sweep(now - _options.keepPermits, sweepBatch));
    if (_options.keepDead.count() > 0)
    {
        port::DeadLetterFilter old;
        old.failedBefore = now - _options.keepDead;
        rows += _store.deadLetters().removeAll(old);
    }
    _swept.add(rows);
    if (rows > 0) _logger.info("retention deleted rows", {{"rows", rows}});
    _nextSweep = isMore ? now : now + _options.retentionInterval;
}

std::chrono::milliseconds Clerk::untilNext() const
{
    auto wait = _options.tickMax;
    if (const auto due = _store.delays().nextDue()) wait = std::min(wait, *due - _clock.now());
    return std::max(wait, _options.tickMin);
}

} // namespace carillon::clerk
