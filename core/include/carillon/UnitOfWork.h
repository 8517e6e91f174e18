#pragma once

#include "carillon/Api.h"
#include "carillon/Envelope.h"

#include <functional>
#include <utility>
#include <vector>

namespace carillon
{

/// One open transaction of a store. Opaque: only the adapter that made it knows what is inside.
class CARILLON_API StoreSession
{
public:
    virtual ~StoreSession();
};

/// What a handler wants to be true together with the decision about its message.
///
/// Nothing is written while the handler runs: writes are staged by the repositories (`stageStatus(work, …)`) and applied, in order,
/// in the one short transaction that records the decision. A failed message drops its stage. Not thread-safe; belongs to one delivery.
class CARILLON_API UnitOfWork
{
public:
    /// Runs inside the deciding transaction. Throws VersionConflict when the data is no longer what was expected:
    /// then nothing of this message is applied and it is tried again, not counted.
    using Write = std::function<void(StoreSession&)>;

    void stage(Write write) { _writes.push_back(std::move(write)); }

    /// A follow-up message, published exactly when the decision is recorded. An empty id, time and trace are filled in.
    void publish(Envelope followUp) { _followUps.push_back(std::move(followUp)); }

    /// Drops what was staged so far.
    void clear()
    {
        _writes.clear();
        _followUps.clear();
    }

    bool isEmpty() const noexcept { return _writes.empty() && _followUps.empty(); }
    const std::vector<Write>& writes() const noexcept { return _writes; }
    std::vector<Envelope>& followUps() noexcept { return _followUps; }
    const std::vector<Envelope>& followUps() const noexcept { return _followUps; }

private:
    std::vector<Write> _writes;
    std::vector<Envelope> _followUps;
};

} // namespace carillon
