#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "carillon/Middleware.h"
#include "carillon/RetryPolicy.h"

#include <exception>
#include <string>

namespace carillon::chain
{

/// Turns what was thrown into outcomes, and applies the type's policy: a failed message gets its wait, or is dead after the last attempt.
/// The one place where exceptions end: inside it anything may throw, outside it nobody sees one of a handler's.
class RetryMiddleware final : public Middleware
{
public:
    RetryMiddleware(const RetryPolicy& policy, const Clock& clock, const Logger& logger) : _policy(policy), _clock(clock), _logger(logger) {}
    void process(Batch batch, const Next& next) override;

private:
    Outcome decide(const Envelope& envelope, const Outcome& outcome) const;

    const RetryPolicy _policy;
    const Clock& _clock;
    const Logger _logger;
};

/// The outcome that an exception stands for; `errorClass` is its demangled type. A store or a transport that fails is not the message's
/// fault: that is a deferral. Never throws.
Outcome outcomeOf(const std::exception_ptr& error, TimePoint now);

} // namespace carillon::chain
