#include "push/fcm/DeathGuard.h"

#include <algorithm>

namespace carillon::push::fcm
{
namespace
{

std::int64_t sliceNumber(SteadyPoint now, std::chrono::milliseconds window, std::size_t slices)
{
    const auto length = std::max<std::int64_t>(1, window.count() / static_cast<std::int64_t>(slices));
    return std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() / length;
}

} // namespace

void DeathGuard::accepted(SteadyPoint now)
{
    if (_options.maxDeadPart >= 1) return;
    const std::lock_guard lock(_mutex);
    ++sliceAt(now).acceptedCount;
}

bool DeathGuard::believes(bool isSuspicious, SteadyPoint now)
{
    if (_options.maxDeadPart >= 1) return true;
    const std::lock_guard lock(_mutex);
    Slice& slice = sliceAt(now);
    ++slice.deadCount;
    if (isSuspicious) ++slice.suspiciousCount;

    const Slice all = sum(now);
    const auto isTooMany = [&](std::uint64_t dead)
    { return static_cast<double>(dead) > _options.maxDeadPart * static_cast<double>(dead + all.acceptedCount); };
    if (isSuspicious && isTooMany(all.suspiciousCount)) return false;
    return all.deadCount < static_cast<std::uint64_t>(_options.minDead) || !isTooMany(all.deadCount);
}

DeathGuard::Slice& DeathGuard::sliceAt(SteadyPoint now)
{
    const auto number = sliceNumber(now, _options.window, _slices.size());
    Slice& slice = _slices[static_cast<std::size_t>(number) % _slices.size()];
    if (slice.number != number)
    {
        slice = {};
        slice.number = number;
    }
    return slice;
}

DeathGuard::Slice DeathGuard::sum(SteadyPoint now) const
{
    const auto oldest = sliceNumber(now, _options.window, _slices.size()) - static_cast<std::int64_t>(_slices.size());
    Slice all;
    for (const Slice& slice : _slices)
    {
        if (slice.number <= oldest) continue;
        all.acceptedCount += slice.acceptedCount;
        all.deadCount += slice.deadCount;
        all.suspiciousCount += slice.suspiciousCount;
    }
    return all;
}

} // namespace carillon::push::fcm
