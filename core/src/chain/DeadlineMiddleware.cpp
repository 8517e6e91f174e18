#include "chain/DeadlineMiddleware.h"

namespace carillon::chain
{

void DeadlineMiddleware::process(Batch batch, const Next& next)
{
    const TimePoint now = _clock.now();
    for (BatchItem& item : batch)
    {
        if (!item.isOpen()) continue;
        if (item.envelope().expiresAt && *item.envelope().expiresAt <= now)
            item.finish(Outcome::expired());
        else
            item.context().setTimeout(_timeout);
    }
    next(batch);

    if (_timeout.count() == 0) return;
    const SteadyPoint end = _clock.steady();
    for (BatchItem& item : batch)
    {
        // The last item's deadline covers the others: in a batch each began after the one before.
        if (&item != &batch.back() || item.context().deadline() == SteadyPoint{} || end <= item.context().deadline()) continue;
        const auto late = std::chrono::duration_cast<std::chrono::milliseconds>(end - item.context().deadline());
        _logger.warning("the handler answered after its deadline", {{"type", item.envelope().type},
                                                                     {"id", item.envelope().id},
                                                                     {"timeout_ms", _timeout.count()},
                                                                     {"late_ms", late.count()},
                                                                     {"batch", batch.size()}});
    }
}

} // namespace carillon::chain
