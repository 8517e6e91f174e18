#pragma once

#include "carillon/Api.h"

#include <chrono>
#include <optional>

namespace carillon
{

/// How a failed message is tried again: wait = max(min(maxDelay, delay × multiplier^n) ± jitter, the provider's Retry-After).
struct CARILLON_API RetryPolicy
{
    /// Retries after the first attempt; 3 retries are 4 attempts, 0 means never again.
    int maxRetries = 3;
    /// Before the first retry.
    std::chrono::milliseconds delay{1000};
    /// Each further wait is so many times longer.
    double multiplier = 2.0;
    /// No wait is longer, the provider's Retry-After excepted; 0 is no limit.
    std::chrono::milliseconds maxDelay{0};
    /// Spread of each wait, as a share of it: 0.1 is ± 10 %. It keeps those that failed together from coming back together.
    double jitter = 0.1;

    bool operator==(const RetryPolicy&) const = default;

    /// True when attempt `attempt` (from 1), having failed, is followed by another.
    bool allowsAnother(int attempt) const noexcept { return attempt <= maxRetries; }

    /// The wait after failed attempt `attempt` (from 1). `random` in [0, 1) chooses within the jitter.
    std::chrono::milliseconds waitAfter(int attempt, double random, std::optional<std::chrono::milliseconds> retryAfter = {}) const;
};

} // namespace carillon
