#pragma once

#include <string>

namespace carillon::tests
{

/// Mounts a file system of 3 MiB on `folder`, in a mount namespace of this process's own, fills it, and looks at what publisher, consumer
/// and settling say, then and after space was freed. Exit status: 0 all was right, 1 something was not (it is on standard output), 77 it
/// may not mount.
int runOnFullDisk(const std::string& folder);

} // namespace carillon::tests
