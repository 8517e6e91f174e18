#pragma once

#include "carillon/Clock.h"
#include "carillon/Middleware.h"
#include "chain/JobMetrics.h"

namespace carillon::chain
{

/// Counts outcomes and measures how long messages waited and how long they were handled; a batch's time is shared evenly by its messages.
/// Outside retry: it must see what the retry layer decided.
class MetricsMiddleware final : public Middleware
{
public:
    MetricsMiddleware(JobMetrics& metrics, const std::string& type, const Clock& clock) :
        _metrics(metrics), _counters(metrics.of(type)), _clock(clock)
    {
    }
    void process(Batch batch, const Next& next) override;

private:
    JobMetrics& _metrics;
    TypeCounters& _counters;
    const Clock& _clock;
};

} // namespace carillon::chain
