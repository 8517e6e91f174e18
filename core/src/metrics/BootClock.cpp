#include "metrics/BootClock.h"

#include <ctime>

namespace carillon::metrics
{

std::chrono::nanoseconds bootNow() noexcept
{
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

} // namespace carillon::metrics
