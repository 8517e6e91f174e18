#include "chain/JobMetrics.h"

#include <fmt/format.h>

namespace carillon::chain
{
namespace
{

constexpr Outcome::Kind kinds[] = {Outcome::Kind::Ack,    Outcome::Kind::Retry,   Outcome::Kind::Defer,
                                   Outcome::Kind::Reject, Outcome::Kind::Expired, Outcome::Kind::Decided};

notification::TypeMetrics snapshot(const TypeCounters& counters)
{
    return {counters.processed.load(std::memory_order_relaxed), counters.failed.load(std::memory_order_relaxed),
            std::chrono::nanoseconds(counters.nanoseconds.load(std::memory_order_relaxed))};
}

} // namespace

JobMetrics::JobMetrics(metrics::MetricsRegistry& registry, const Logger& logger) : _registry(registry), _logger(logger) {}

TypeCounters& JobMetrics::of(const std::string& type)
{
    const std::lock_guard lock(_mutex);
    auto& counters = _types[type];
    if (counters) return *counters;

    counters = std::make_unique<TypeCounters>();
    for (const Outcome::Kind kind : kinds)
        counters->outcomes[static_cast<std::size_t>(kind)] =
            _registry.counter("carillon_jobs_processed_total", "Deliveries that went through the chain, by what was decided",
                              {{"type", type}, {"outcome", toString(kind)}});
    counters->duration = _registry.histogram("carillon_job_duration_seconds", "Time in the chain and the handler; a batch's is shared by its messages",
                                             metrics::Buckets::Seconds, {{"type", type}});
    counters->wait = _registry.histogram("carillon_job_queue_wait_seconds", "Time from publishing, or from when it was due, to the handler",
                                         metrics::Buckets::WaitSeconds, {{"type", type}});
    return *counters;
}

void JobMetrics::count(TypeCounters& counters, Outcome::Kind kind, std::chrono::nanoseconds took)
{
    counters.outcomes[static_cast<std::size_t>(kind)].add();
    counters.duration.observe(took);
    counters.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
    switch (kind)
    {
    case Outcome::Kind::Ack: counters.processed.fetch_add(1, std::memory_order_relaxed); break;
    case Outcome::Kind::Retry:
    case Outcome::Kind::Reject:
    case Outcome::Kind::Expired: counters.failed.fetch_add(1, std::memory_order_relaxed); break;
    case Outcome::Kind::Defer:
    case Outcome::Kind::Decided: break;
    }
    const auto messages = _messages.fetch_add(1, std::memory_order_relaxed) + 1;
    if (messages % summaryEvery == 0) logSummary(messages);
}

void JobMetrics::logSummary(std::uint64_t messages) const
{
    const notification::TypeMetrics all = total();
    const double average = std::chrono::duration<double, std::milli>(all.averageTime()).count();
    _logger.info("handled so far",
                 {{"messages", messages}, {"processed", all.processed}, {"failed", all.failed}, {"average_ms", fmt::format("{:.3f}", average)}});
}

std::map<std::string, notification::TypeMetrics> JobMetrics::byType() const
{
    const std::lock_guard lock(_mutex);
    std::map<std::string, notification::TypeMetrics> result;
    for (const auto& [type, counters] : _types)
        result[type] = snapshot(*counters);
    return result;
}

notification::TypeMetrics JobMetrics::total() const
{
    notification::TypeMetrics sum;
    for (const auto& [type, metrics] : byType())
    {
        sum.processed += metrics.processed;
        sum.failed += metrics.failed;
        sum.totalTime += metrics.totalTime;
    }
    return sum;
}

} // namespace carillon::chain
