#include "log/DirectChannel.h"

#include "log/Loss.h"

namespace carillon::log
{

void DirectChannel::log(const Poco::Message& message)
{
    const std::lock_guard lock(_mutex);
    if (_unreported > 0 && passOn(lossReport(_unreported))) _unreported = 0;
    if (passOn(message)) return;
    ++_lost;
    ++_unreported;
}

std::uint64_t DirectChannel::lost() const
{
    const std::lock_guard lock(_mutex);
    return _lost;
}

bool DirectChannel::passOn(const Poco::Message& message)
{
    try
    {
        _target->log(message);
        return true;
    }
    catch (...)
    {
        return false;
    }
}

} // namespace carillon::log
