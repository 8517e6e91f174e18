#pragma once

#include "plugin/Manifest.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace carillon::plugin
{

struct CheckResult
{
    /// Without file, hash and copy, which only the parent knows.
    Manifest manifest;
    std::vector<std::string> warnings;
};

/// Lets a throw-away child (`command`, which ends in runPluginCheck()) load `copy` and say what it declares. The child has an empty
/// environment, only null, an error pipe and the result pipe, limits on processor, memory, files and descriptors, a process group that ends
/// with it, and dies with this thread. Blocks for at most `timeout`. Throws Refused with what the child said, or how it ended.
CheckResult runCheck(const std::vector<std::string>& command, const std::filesystem::path& copy, std::chrono::milliseconds timeout);

} // namespace carillon::plugin
