#pragma once

#include <cstdint>
#include <filesystem>

namespace carillon::sqlite
{

/// Bytes that this user may still write on the file system of `file` (of its folder, when it is not there); the largest number when
/// unknown.
std::uint64_t freeSpace(const std::filesystem::path& file) noexcept;

/// Throws ConfigurationError, with the remedy, when `file` cannot be a database: its folder is missing, it or the folder cannot be written,
/// it is no regular file, or it lies on a network file system, where neither locks nor the shared index of a WAL database work.
void requireUsable(const std::filesystem::path& file);

/// Creates the file, readable by its owner only, when there is none. Never opens one that is there: closing any descriptor of a file
/// drops all the locks that SQLite holds on it in this process.
void createPrivate(const std::filesystem::path& file);

} // namespace carillon::sqlite
