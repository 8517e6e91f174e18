#include "chain/DedupeMiddleware.h"

#include <vector>

namespace carillon::chain
{

bool isDecided(const port::InboxRow& row, const Envelope& envelope)
{
    if (row.turn >= envelope.turn) return true;
    return port::isFinal(row.decided) && !row.isReopened;
}

void DedupeMiddleware::process(Batch batch, const Next& next)
{
    // Kept between calls: a batch costs no allocation once a thread has seen one of its size.
    thread_local std::vector<BatchItem*> asked;
    thread_local std::vector<port::MessageKey> keys;
    asked.clear();
    keys.clear();
    for (BatchItem& item : batch)
    {
        if (!item.isOpen() || (_kind == TransactionKind::None && !item.context().isRedelivered())) continue;
        asked.push_back(&item);
        keys.push_back({item.envelope().type, item.envelope().id});
    }
    if (!asked.empty())
    {
        const auto rows = _ledger.lookUp(keys);
        for (std::size_t i = 0; i < rows.size(); ++i)
            if (rows[i] && isDecided(*rows[i], asked[i]->envelope())) asked[i]->finish(Outcome::decided());
    }
    next(batch);
}

} // namespace carillon::chain
