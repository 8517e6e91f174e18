#include "chain/MetricsMiddleware.h"

#include <algorithm>

namespace carillon::chain
{

void MetricsMiddleware::process(Batch batch, const Next& next)
{
    const TimePoint now = _clock.now();
    for (const BatchItem& item : batch)
    {
        const Envelope& envelope = item.envelope();
        const TimePoint readySince = std::max(envelope.publishedAt, envelope.dueAt.value_or(envelope.publishedAt));
        _counters.wait.observe(std::chrono::nanoseconds(now - readySince));
    }

    const SteadyPoint started = _clock.steady();
    next(batch);
    if (batch.empty()) return;
    const auto share = std::chrono::duration_cast<std::chrono::nanoseconds>(_clock.steady() - started) / static_cast<std::int64_t>(batch.size());
    for (const BatchItem& item : batch)
        if (item.outcome()) _metrics.count(_counters, item.outcome()->kind(), share);
}

} // namespace carillon::chain
