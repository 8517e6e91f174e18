#pragma once

#include "process/ChildRuntime.h"

#include <optional>

namespace carillon::commands
{

/// What each role runs; the same for children and for `--single-process`.
process::Roles roles();

/// Runs the program as the master's child or as a plugin check when it was started as one; the exit status then.
std::optional<int> runAsChild(int argc, char** argv);

} // namespace carillon::commands
