#pragma once

#include "carillon/Middleware.h"
#include "carillon/Registry.h"
#include "port/Ledger.h"

namespace carillon::chain
{

/// Looks a delivery's message up in the ledger: one whose turn was decided already is not handled again, its decision is only finished.
/// A type declared idempotent is looked up only when it is delivered again.
/// Throws StoreError when the ledger cannot answer: without it nothing may run.
class DedupeMiddleware final : public Middleware
{
public:
    DedupeMiddleware(TransactionKind kind, port::Ledger& ledger) : _kind(kind), _ledger(ledger) {}
    void process(Batch batch, const Next& next) override;

private:
    const TransactionKind _kind;
    port::Ledger& _ledger;
};

/// True when `row` says that this turn of the message, or the message for good, was decided before.
bool isDecided(const port::InboxRow& row, const Envelope& envelope);

} // namespace carillon::chain
