#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "carillon/Outcome.h"
#include "carillon/notification/NotificationMetricsService.h"
#include "metrics/MetricsRegistry.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>

namespace carillon::chain
{

/// What the metrics layer counts of one message type: the process's own totals, and the board's series.
struct TypeCounters
{
    std::atomic<std::uint64_t> processed{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> nanoseconds{0};
    /// By Outcome::Kind.
    std::array<metrics::Counter, 6> outcomes;
    metrics::Histogram duration;
    metrics::Histogram wait;
};

/// Counts of this process by message type. Every message whose handling began counts once, when its outcome is known; a deferral is neither
/// processed nor failed. Logs one line of totals every 100 messages. Thread-safe; counting neither locks nor blocks.
class JobMetrics final : public notification::NotificationMetricsService
{
public:
    static constexpr std::uint64_t summaryEvery = 100;

    JobMetrics(metrics::MetricsRegistry& registry, const Logger& logger);

    /// The counters of a type; made at the first call, which may lock. Valid as long as this object.
    TypeCounters& of(const std::string& type);
    void count(TypeCounters& counters, Outcome::Kind kind, std::chrono::nanoseconds took);

    std::map<std::string, notification::TypeMetrics> byType() const override;
    notification::TypeMetrics total() const override;

private:
    void logSummary(std::uint64_t messages) const;

    metrics::MetricsRegistry& _registry;
    const Logger _logger;
    mutable std::mutex _mutex;
    std::map<std::string, std::unique_ptr<TypeCounters>> _types;
    std::atomic<std::uint64_t> _messages{0};
};

} // namespace carillon::chain
