#pragma once

#include "process/ChildRuntime.h"

namespace carillon::roles
{

/// The clerk's life: housekeeping by lease until told to stop.
int runClerk(process::ChildRuntime& runtime);

} // namespace carillon::roles
