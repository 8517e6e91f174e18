#include "chain/TransactionMiddleware.h"

namespace carillon::chain
{

void TransactionMiddleware::process(Batch batch, const Next& next)
{
    for (BatchItem& item : batch)
        if (item.isOpen()) item.context().unitOfWork().clear();

    const auto dropFailed = [this, batch] {
        for (BatchItem& item : batch)
        {
            if (item.context().unitOfWork().isEmpty()) continue;
            const bool returned = item.outcome().has_value();
            const bool keeps = returned && (item.outcome()->isAck() || _kind == TransactionKind::Manual);
            if (!keeps) item.context().unitOfWork().clear();
        }
    };
    try
    {
        next(batch);
    }
    catch (...)
    {
        dropFailed();
        throw;
    }
    dropFailed();
}

} // namespace carillon::chain
