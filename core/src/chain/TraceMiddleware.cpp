#include "chain/TraceMiddleware.h"

#include "chain/TraceContext.h"

namespace carillon::chain
{

void TraceMiddleware::process(Batch batch, const Next& next)
{
    for (BatchItem& item : batch)
        if (item.isOpen()) item.context().setTraceParent(childOf(item.envelope().traceParent));
    next(batch);
}

} // namespace carillon::chain
