#include "process/Restart.h"

#include <algorithm>

namespace carillon::process
{

std::chrono::milliseconds RestartDelay::afterDeath(std::chrono::nanoseconds uptime)
{
    if (uptime >= _policy.stableAfter) _next = {};
    const auto delay = std::clamp(_next, _policy.initialDelay, std::max(_policy.initialDelay, _policy.maxDelay));
    _next = delay * 2;
    return delay;
}

bool Breaker::died(BootTime now)
{
    _deaths.push_back(now);
    while (_deaths.front() + _policy.window < now) _deaths.pop_front();

    const bool tooMany = _deaths.size() >= static_cast<std::size_t>(std::max(1, _policy.deaths));
    if (_state == State::Open || (_state == State::Closed && !tooMany)) return false;
    _state = State::Open;
    _openUntil = now + _policy.openFor;
    return true;
}

bool Breaker::mayStart(BootTime now)
{
    if (_state == State::Closed) return true;
    if (_state == State::Trial || now < _openUntil) return false;
    _state = State::Trial;
    _trialSince = now;
    return true;
}

void Breaker::ended(BootTime now)
{
    if (_state != State::Trial) return;
    _state = State::Open;
    _openUntil = now;
}

bool Breaker::lives(BootTime since, BootTime now)
{
    // Those that lived through the trouble prove nothing; the one of the trial does when it has lived so long that dying at this pace would
    // not have opened the breaker.
    if (_state != State::Trial || since < _trialSince) return false;
    if (now - since < _policy.window / std::max(1, _policy.deaths)) return false;
    _state = State::Closed;
    _deaths.clear();
    return true;
}

std::optional<BootTime> Breaker::openUntil() const noexcept
{
    if (_state != State::Open) return {};
    return _openUntil;
}

} // namespace carillon::process
