#include "roles/AdminRole.h"

namespace carillon::roles
{

int runAdmin(process::ChildRuntime& runtime)
{
    runtime.ready();
    while (!runtime.waitForStop(runtime.heartbeatInterval()))
        runtime.beat();
    return 0;
}

} // namespace carillon::roles
