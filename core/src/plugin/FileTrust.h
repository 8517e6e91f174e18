#pragma once

#include "plugin/Descriptor.h"

#include <filesystem>
#include <string>

namespace carillon::plugin
{

/// Opens a directory after looking at every folder on the way: each must belong to root or to us, and nobody else may be able to write it.
/// A sticky folder (/tmp) on the way is accepted, since nobody can replace in it what is ours. Symbolic links of root's or ours are
/// followed, and what they lead to is looked at the same way. What was looked at is what is open: no name is resolved twice.
/// Throws Refused naming the folder, its mode or owner, and the command that repairs it.
Descriptor openTrustedDirectory(const std::filesystem::path& directory);

/// Opens the file `name` in such a directory for reading: a regular file, no symbolic link, of root's or ours, writable by nobody else.
/// `shown` names it in errors. Throws Refused.
Descriptor openTrustedFile(const Descriptor& directory, const std::string& name, const std::filesystem::path& shown);

} // namespace carillon::plugin
