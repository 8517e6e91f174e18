#pragma once

#include "carillon/Middleware.h"
#include "carillon/Registry.h"

namespace carillon::chain
{

/// Gives each attempt a fresh unit of work, and drops the stage of what failed, by the rule of the type's TransactionKind. What is kept is applied
/// together with the decision, after the chain: no transaction is open while a handler runs.
class TransactionMiddleware final : public Middleware
{
public:
    explicit TransactionMiddleware(TransactionKind kind) : _kind(kind) {}
    void process(Batch batch, const Next& next) override;

private:
    const TransactionKind _kind;
};

} // namespace carillon::chain
