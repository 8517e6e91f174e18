#pragma once

#include "metrics/MetricsRegistry.h"
#include "push/fcm/FcmOptions.h"

#include <array>

namespace carillon::compose
{

/// Counts on the board what the FCM client sees. Thread-safe; never blocks.
class FcmMetrics final : public push::fcm::FcmObserver
{
public:
    explicit FcmMetrics(metrics::MetricsRegistry& registry);

    void pushed(const push::PushResult& result, std::chrono::microseconds duration) override;
    void tokenRequested(std::string_view code, std::chrono::microseconds duration) override;
    void breakerChanged(bool isOpen) override;

private:
    std::array<metrics::Counter, 8> _outcomes;
    metrics::Histogram _duration;
    metrics::Counter _tokensGot;
    metrics::Counter _tokensFailed;
    metrics::Gauge _breakerOpen;
};

} // namespace carillon::compose
