#pragma once

#include <filesystem>

struct sqlite3;

namespace carillon::sqlite
{

/// Throws what SQLite's error `code` means for a caller: StorageFull (no space) or StoreError (locked, damaged, input/output, a mistake of
/// ours), naming the file and the remedy, never a value that was bound.
[[noreturn]] void throwFor(int code, sqlite3* handle, const std::filesystem::path& file);

} // namespace carillon::sqlite
