#pragma once

#include "process/FileDescriptor.h"
#include "process/Handover.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace carillon::process
{

/// Starts children: this very executable, held open since the start so that an upgrade on disk changes nothing under a running master.
class Spawner
{
public:
    /// Throws std::system_error when /proc is not mounted.
    explicit Spawner(std::string programName);

    /// What all children are handed; the descriptors stay the caller's.
    struct Common
    {
        int lifeline = -1;
        int wake = -1;
        int childrenLock = -1;
    };

    /// Forks and executes; the child has the handed descriptors and 0, 1, 2, and gets stopSignal when this thread ends.
    /// Returns its pid; throws std::system_error when the machine has no process left. One that cannot be executed exits with 126.
    pid_t spawn(const Handover& handover, const Common& common, int configuration, int board, const std::vector<int>& boards) const;

private:
    std::string _programName;
    FileDescriptor _executable;
};

/// Opens /dev/null for those of 0, 1, 2 that are closed: else the next descriptor becomes somebody's standard output.
void ensureStandardDescriptors();

} // namespace carillon::process
