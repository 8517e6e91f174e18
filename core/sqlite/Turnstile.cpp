#include "sqlite/Turnstile.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>

namespace carillon::sqlite
{
namespace
{

/// libstdc++'s steady clock is CLOCK_MONOTONIC.
timespec monotonic(SteadyPoint time)
{
    const auto sinceBoot = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
    return {static_cast<time_t>(sinceBoot / 1'000'000'000), static_cast<long>(sinceBoot % 1'000'000'000)};
}

/// False at the deadline.
bool lock(pthread_mutex_t& mutex, const timespec& deadline)
{
    const int result = pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline);
    if (result == 0) return true;
    if (result == EOWNERDEAD)
    {
        // Its holder was killed. The lock guards no data of its own, so there is nothing to repair.
        pthread_mutex_consistent(&mutex);
        return true;
    }
    if (result == ETIMEDOUT) return false;
    throw std::system_error(result, std::generic_category(), "the turnstile's lock");
}

} // namespace

Turnstile::Passage Turnstile::enter(SteadyPoint deadline)
{
    auto& content = _page.content();
    const timespec until = monotonic(deadline);
    if (!lock(content.gate, until)) return nullptr;
    const Passage gate(&content.gate);
    if (!lock(content.room, until)) return nullptr;
    return Passage(&content.room);
}

} // namespace carillon::sqlite
