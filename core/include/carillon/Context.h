#pragma once

#include "carillon/Api.h"
#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "carillon/UnitOfWork.h"

namespace carillon
{

/// What a handler may know and do besides its message. Belongs to one delivery, used by one thread at a time.
class CARILLON_API Context
{
public:
    Context(const Clock& clock, const Logger& logger, SteadyPoint deadline, bool redelivered, int maxAttempts) :
        _clock(&clock), _logger(&logger), _deadline(deadline), _redelivered(redelivered), _maxAttempts(maxAttempts)
    {
    }

    /// When the handler must have answered; it should look at this before each slow step.
    SteadyPoint deadline() const noexcept { return _deadline; }
    /// Gives the handler `timeout` from now. For the chain's deadline layer.
    void setTimeout(std::chrono::nanoseconds timeout)
    {
        _timeout = timeout;
        restartTimeout();
    }
    /// The timeout is a message's own: those that are handled one after the other in a batch each have all of it.
    void restartTimeout()
    {
        if (_timeout.count() > 0) _deadline = _clock->steady() + std::chrono::duration_cast<SteadyPoint::duration>(_timeout);
    }

    /// True when an earlier delivery may have run: a hint, for effects outside the store.
    bool isRedelivered() const noexcept { return _redelivered; }

    /// The first attempt and all retries that the type's policy allows.
    int maxAttempts() const noexcept { return _maxAttempts; }

    const Clock& clock() const noexcept { return *_clock; }
    const Logger& logger() const noexcept { return *_logger; }

    UnitOfWork& unitOfWork() noexcept { return _work; }
    const UnitOfWork& unitOfWork() const noexcept { return _work; }

    /// The `traceparent` of this delivery's span; follow-ups carry it on.
    const std::string& traceParent() const noexcept { return _traceParent; }
    void setTraceParent(std::string traceParent) { _traceParent = std::move(traceParent); }

    /// Short for `unitOfWork().publish(…)`.
    void publish(Envelope followUp) { _work.publish(std::move(followUp)); }

private:
    const Clock* _clock;
    const Logger* _logger;
    SteadyPoint _deadline;
    std::chrono::nanoseconds _timeout{0};
    bool _redelivered;
    int _maxAttempts;
    UnitOfWork _work;
    std::string _traceParent;
};

} // namespace carillon
