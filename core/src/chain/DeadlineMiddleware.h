#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "carillon/Middleware.h"

#include <chrono>

namespace carillon::chain
{

/// Settles what has expired, and tells the handler by when it must have answered. One that took longer is named in the log.
/// Outside retry: an expired message is not a failed attempt.
class DeadlineMiddleware final : public Middleware
{
public:
    DeadlineMiddleware(std::chrono::milliseconds timeout, const Clock& clock, const Logger& logger) :
        _timeout(timeout), _clock(clock), _logger(logger)
    {
    }
    void process(Batch batch, const Next& next) override;

private:
    const std::chrono::milliseconds _timeout;
    const Clock& _clock;
    const Logger _logger;
};

} // namespace carillon::chain
