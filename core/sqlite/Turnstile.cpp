#include "sqlite/Turnstile.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

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

/// GCC 12's thread sanitizer does not see pthread_mutex_clocklock, and would take the unlocking for a mistake.
void tellSanitizerItIsLocked([[maybe_unused]] pthread_mutex_t& mutex)
{
#if defined(__SANITIZE_THREAD__)
    __tsan_mutex_pre_lock(&mutex, __tsan_mutex_try_lock);
    __tsan_mutex_post_lock(&mutex, __tsan_mutex_try_lock, 0);
#endif
}

/// False at the deadline.
bool lock(pthread_mutex_t& mutex, const timespec& deadline)
{
    const int result = pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline);
    if (result == ETIMEDOUT) return false;
    if (result != 0 && result != EOWNERDEAD) throw std::system_error(result, std::generic_category(), "the turnstile's lock");
    if (result == EOWNERDEAD)
    {
        // Its holder was killed. The lock guards no data of its own, so there is nothing to repair.
        pthread_mutex_consistent(&mutex);
    }
    tellSanitizerItIsLocked(mutex);
    return true;
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
