#include "commands/Children.h"

#include "plugin/CheckChild.h"
#include "roles/AdminRole.h"
#include "roles/ClerkRole.h"
#include "roles/WorkerRole.h"

#include <cstring>

namespace carillon::commands
{

process::Roles roles()
{
    return {{metrics::Role::Worker, roles::runWorker}, {metrics::Role::Clerk, roles::runClerk}, {metrics::Role::Admin, roles::runAdmin}};
}

std::optional<int> runAsChild(int argc, char** argv)
{
    if (argc > 1 && std::strcmp(argv[1], "__plugin-check") == 0) return plugin::runPluginCheck(argc - 1, argv + 1);
    if (process::isChild(argc, argv)) return process::runChild(argc, argv, roles());
    return {};
}

} // namespace carillon::commands
