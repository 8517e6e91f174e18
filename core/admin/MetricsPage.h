#pragma once

#include "admin/Observer.h"
#include "metrics/Snapshot.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace carillon::admin
{

/// The store's and the transports' gauges in Prometheus text 0.0.4, to be put behind the boards' own. Pure.
std::string exposeObservation(const std::optional<Observation>& observation);

/// `/metrics`: everything, rendered at most once a second. Thread-safe.
class MetricsPage
{
public:
    using Boards = std::function<std::vector<metrics::BoardSnapshot>()>;
    MetricsPage(Boards boards, Observer& observer) : _boards(std::move(boards)), _observer(observer) {}

    std::string text();

private:
    const Boards _boards;
    Observer& _observer;
    std::mutex _mutex;
    std::string _text;
    std::optional<std::chrono::steady_clock::time_point> _renderedAt;
};

} // namespace carillon::admin
