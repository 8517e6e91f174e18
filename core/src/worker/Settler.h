#pragma once

#include "carillon/Batch.h"
#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "port/Ledger.h"
#include "port/Store.h"
#include "publish/Publisher.h"
#include "worker/HandledType.h"
#include "worker/Source.h"

#include <span>
#include <vector>

namespace carillon::worker
{

/// Decide, then settle: records the outcomes of a batch with all their effects in one short transaction, publishes what the outbox got, and
/// only then settles the deliveries. Thread-safe.
class Settler
{
public:
    Settler(port::Store& store, const publish::Publisher& publisher, const Clock& clock, const Logger& logger) :
        _store(store), _publisher(publisher), _clock(clock), _logger(logger)
    {
    }

    /// `items[i]` belongs to `deliveries[i]` and has an outcome. `type` is null for a type that nobody here handles.
    /// Throws StoreError when the decisions could not be recorded, TransportError when settling has no answer: nothing is lost then,
    /// the deliveries come again and what was decided is only finished.
    void settle(Source& source, const HandledType* type, Batch items, std::span<const port::Delivery* const> deliveries) const;

    /// Gives deliveries back as if never taken. Never throws: what cannot be given back comes back when its lease ends.
    void giveBack(Source& source, std::span<const port::Delivery* const> deliveries) const noexcept;

private:
    struct Plan;

    Plan planFor(const Source& source, const HandledType* type, BatchItem& item, const port::Delivery& delivery) const;
    void routeFollowUps(Plan& plan, Context& context) const;
    std::vector<port::DecisionResult> record(Source& source, std::vector<Plan>& plans) const;
    void finishDecided(Source& source, std::span<const port::Delivery* const> deliveries) const;
    void publishOutbox(const port::MessageKey& key) const;
    void settleOutside(Source& source, std::span<const port::Settlement> settlements) const;

    port::Store& _store;
    const publish::Publisher& _publisher;
    const Clock& _clock;
    const Logger _logger;
};

} // namespace carillon::worker
