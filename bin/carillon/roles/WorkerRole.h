#pragma once

#include "process/ChildRuntime.h"

namespace carillon::roles
{

/// A worker's life: loads the group's plugins, consumes until told to stop or a limit is reached, drains.
int runWorker(process::ChildRuntime& runtime);

} // namespace carillon::roles
