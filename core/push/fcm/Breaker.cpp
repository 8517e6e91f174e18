#include "push/fcm/Breaker.h"

#include <algorithm>

namespace carillon::push::fcm
{
namespace
{

/// For those that come while the probe is under way: its answer is near.
constexpr std::chrono::milliseconds probeWait{1000};

} // namespace

Breaker::Admission Breaker::admit(SteadyPoint now)
{
    if (_options.failures == 0) return Admission::Closed;
    const std::lock_guard lock(_mutex);
    if (!_isOpen) return Admission::Closed;
    if (_isProbing || now < _openUntil) return Admission::Refused;
    _isProbing = true;
    return Admission::Probe;
}

std::chrono::milliseconds Breaker::retryAfter(SteadyPoint now) const
{
    const std::lock_guard lock(_mutex);
    if (_isOpen && now < _openUntil) return std::chrono::ceil<std::chrono::milliseconds>(_openUntil - now);
    return std::min(probeWait, _options.openFor);
}

bool Breaker::succeeded(Admission admission)
{
    if (_options.failures == 0) return false;
    const std::lock_guard lock(_mutex);
    if (!_isOpen)
    {
        _failures.clear();
        return false;
    }
    // An answer to what was sent before it opened says little of now.
    if (admission != Admission::Probe) return false;
    _failures.clear();
    _isOpen = false;
    _isProbing = false;
    return true;
}

bool Breaker::failed(Admission admission, std::size_t address, SteadyPoint now)
{
    if (_options.failures == 0) return false;
    const std::lock_guard lock(_mutex);
    if (_isOpen)
    {
        if (admission != Admission::Probe) return false;
        open(now);
        return true;
    }
    std::erase_if(_failures, [&](const Failure& failure) { return failure.address == address || now - failure.at > _options.window; });
    _failures.push_back({address, now});
    if (_failures.size() < static_cast<std::size_t>(_options.failures)) return false;
    open(now);
    return true;
}

void Breaker::abandoned(Admission admission)
{
    if (admission != Admission::Probe) return;
    const std::lock_guard lock(_mutex);
    _isProbing = false;
}

bool Breaker::isOpen() const
{
    const std::lock_guard lock(_mutex);
    return _isOpen;
}

void Breaker::open(SteadyPoint now)
{
    _isOpen = true;
    _isProbing = false;
    _openUntil = now + _options.openFor;
    _failures.clear();
}

} // namespace carillon::push::fcm
