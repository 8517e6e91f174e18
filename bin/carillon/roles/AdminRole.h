#pragma once

#include "process/ChildRuntime.h"

namespace carillon::roles
{

/// The admin server's life: listens until told to stop. Loads no plugin.
int runAdmin(process::ChildRuntime& runtime);

} // namespace carillon::roles
