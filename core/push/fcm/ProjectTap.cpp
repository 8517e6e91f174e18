#include "push/fcm/ProjectTap.h"

namespace carillon::push::fcm
{

void ProjectTap::close(SteadyPoint now, std::chrono::milliseconds wait)
{
    const auto until = (now + wait).time_since_epoch().count();
    auto known = _until.load();
    while (known < until && !_until.compare_exchange_weak(known, until))
    {
    }
}

std::optional<std::chrono::milliseconds> ProjectTap::closedFor(SteadyPoint now) const
{
    const SteadyPoint until{SteadyPoint::duration(_until.load())};
    if (until <= now) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(until - now);
}

} // namespace carillon::push::fcm
