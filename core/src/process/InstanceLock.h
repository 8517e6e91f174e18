#pragma once

#include "process/FileDescriptor.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

namespace carillon::process
{

/// One Carillon a state directory: held by the master as long as it lives, released by the kernel with it.
class InstanceLock
{
public:
    /// Makes the directory (0700) when it is not there and locks `instance.lock` in it. Waits half a second at most, for
    /// a master that was just killed. Throws ConfigurationError that names
    /// the directory, the pid that has it, and what to do.
    explicit InstanceLock(const std::filesystem::path& stateDirectory);

private:
    FileDescriptor _file;
};

/// Held by every child through the descriptor it was handed, so that a master knows whether children of an earlier one still run: two
/// generations of processes that do not know each other must not take messages together.
class ChildrenLock
{
public:
    /// Opens `children.lock`. The instance lock must be held.
    explicit ChildrenLock(const std::filesystem::path& stateDirectory);

    /// True when no child of an earlier master is left; from then on the descriptor may be handed to our own.
    bool tryTake();

    /// The processes that still hold it. Looks through /proc; those of other users are not seen.
    std::vector<int> holders() const;

    /// Sends SIGKILL to those holders that are children of a Carillon; returns how many.
    int killHolders() const;

    /// To be inherited by children. Owned by this.
    int descriptor() const noexcept { return _file.get(); }

private:
    std::filesystem::path _path;
    FileDescriptor _file;
};

} // namespace carillon::process
