#include "process/CoreLimit.h"

#include <sys/resource.h>

namespace carillon::process
{

void forbidCores() noexcept
{
    // One byte, not none: with 0 the kernel still feeds a core_pattern that is a pipe, with 1 it does not; and no core file is so small.
    rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max == 0) return;
    limit.rlim_cur = 1;
    ::setrlimit(RLIMIT_CORE, &limit);
}

} // namespace carillon::process
