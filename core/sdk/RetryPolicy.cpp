#include "carillon/RetryPolicy.h"

#include <algorithm>
#include <cmath>

namespace carillon
{

std::chrono::milliseconds RetryPolicy::waitAfter(int attempt, double random, std::optional<std::chrono::milliseconds> retryAfter) const
{
    // A year: beyond it the power would overflow the counter, and nobody waits so long.
    constexpr double longest = 365.0 * 24 * 3600 * 1000;
    double wait = static_cast<double>(delay.count()) * std::pow(multiplier, std::max(0, attempt - 1));
    if (maxDelay.count() > 0) wait = std::min(wait, static_cast<double>(maxDelay.count()));
    wait = std::clamp(wait * (1.0 + jitter * (2.0 * random - 1.0)), 0.0, longest);
    const std::chrono::milliseconds own(std::llround(wait));
    return retryAfter ? std::max(own, *retryAfter) : own;
}

} // namespace carillon
