#pragma once

#include "carillon/Api.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace carillon::notification
{

/// Totals of one message type since the process started.
struct TypeMetrics
{
    std::uint64_t processed = 0; ///< ended well
    std::uint64_t failed = 0;    ///< attempts that ended in an error: retried or dead
    std::chrono::nanoseconds totalTime{0};

    std::chrono::nanoseconds averageTime() const
    {
        const auto count = processed + failed;
        return count == 0 ? std::chrono::nanoseconds{0} : totalTime / static_cast<std::int64_t>(count);
    }
};

/// What the metrics layer counts in this process (Symfony: NotificationMetricsService). Thread-safe; never blocks.
class CARILLON_API NotificationMetricsService
{
public:
    virtual ~NotificationMetricsService();
    virtual std::map<std::string, TypeMetrics> byType() const = 0;
    virtual TypeMetrics total() const = 0;
};

} // namespace carillon::notification
