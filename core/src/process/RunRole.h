#pragma once

#include "process/ChildRuntime.h"

namespace carillon::process
{

/// Runs `role` and turns what it throws into an exit status, with the reason as the board's note.
int runRole(ChildRuntime& runtime, const ChildMain& role);

} // namespace carillon::process
