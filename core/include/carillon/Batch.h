#pragma once

#include "carillon/Api.h"
#include "carillon/Context.h"
#include "carillon/Envelope.h"
#include "carillon/Outcome.h"

#include <exception>
#include <optional>
#include <span>

namespace carillon
{

/// One message of a batch: its envelope, its context, and what became of it so far.
class CARILLON_API BatchItem
{
public:
    BatchItem(const Envelope& envelope, Context& context) : _envelope(&envelope), _context(&context) {}

    const Envelope& envelope() const noexcept { return *_envelope; }
    Context& context() const noexcept { return *_context; }

    /// True until it has an outcome or an error; layers and handlers look at open items only.
    bool isOpen() const noexcept { return !_outcome && !_error; }

    const std::optional<Outcome>& outcome() const noexcept { return _outcome; }
    const std::exception_ptr& error() const noexcept { return _error; }

    void finish(Outcome outcome)
    {
        _error = nullptr;
        _outcome = std::move(outcome);
    }
    /// What was thrown for this message; the retry layer turns it into an outcome.
    void fail(std::exception_ptr error) noexcept { _error = std::move(error); }

private:
    const Envelope* _envelope;
    Context* _context;
    std::optional<Outcome> _outcome;
    std::exception_ptr _error;
};

/// Messages of one type that go through the chain together, in the order taken. Some may be settled already: look at `isOpen()`.
using Batch = std::span<BatchItem>;

} // namespace carillon
