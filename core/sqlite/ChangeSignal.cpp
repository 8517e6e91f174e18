#include "sqlite/ChangeSignal.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

namespace carillon::sqlite
{

bool ChangeSignal::wait(std::uint32_t seen, SteadyPoint deadline) const noexcept
{
    const auto sinceBoot = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
    const timespec until{static_cast<time_t>(sinceBoot / 1'000'000'000), static_cast<long>(sinceBoot % 1'000'000'000)};
    while (this->seen() == seen)
    {
        // Not a private futex: the word is shared with other processes. The bitset form takes an absolute monotonic time.
        const long result = syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(_counter), FUTEX_WAIT_BITSET, seen, &until, nullptr,
                                    FUTEX_BITSET_MATCH_ANY);
        if (result != 0 && errno == ETIMEDOUT) return this->seen() != seen;
    }
    return true;
}

void ChangeSignal::raise() const noexcept
{
    _counter->fetch_add(1, std::memory_order_acq_rel);
    syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(_counter), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

} // namespace carillon::sqlite
