#pragma once

#include "carillon/Api.h"
#include "carillon/Batch.h"

#include <string>

namespace carillon
{

/// Decides about messages of one type.
///
/// One instance serves all threads of a worker: handle() must be thread-safe. It may block until `context.deadline()`.
/// What it throws is an outcome: PermanentFailure rejects, anything else retries. It must not fork, exit, or keep references to
/// the envelope or the context.
class CARILLON_API Handler
{
public:
    virtual ~Handler();

    virtual Outcome handle(const Envelope& envelope, Context& context) = 0;

    /// The batch form, for handlers that gain by it: finish() or fail() every open item. What it throws fails the items
    /// that are still open. The default calls handle() for each open item; a throw there fails that item only.
    virtual void handleBatch(Batch batch);

    /// Called once the engine has decided that a message is dead or expired, whatever the cause: rejected, out of retries, quarantined.
    /// What it stages in `context.unitOfWork()` and publishes is applied with that decision. What it throws is logged and changes nothing.
    virtual void gaveUp(const Envelope& envelope, Context& context, const std::string& reason);
};

} // namespace carillon
