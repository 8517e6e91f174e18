#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace carillon::config
{

/// What is wrong with a file that holds a secret, remedy included: not there, not a file, unreadable, writable by the group or open to
/// everyone, owned by somebody else than root and us. Empty when it is well. Blocks on the disk.
std::string checkSecretFile(const std::filesystem::path& file);

struct Secret
{
    std::optional<std::string> text; ///< one line end at the end is taken off
    std::string error;               ///< says nothing of the content
};

/// Reads a secret of one line, at most 64 KiB. Blocks on the disk.
Secret readSecretFile(const std::filesystem::path& file);

} // namespace carillon::config
