#pragma once

namespace carillon::plugin
{

/// Looks at an open file as the loader would, before the loader does: an ELF shared object for this machine, whole, and bound at load
/// (BIND_NOW), so that a missing symbol cannot end a worker in the middle of a message. The file is not trusted: every offset is checked.
/// Throws Refused.
void requireLoadable(int file);

} // namespace carillon::plugin
