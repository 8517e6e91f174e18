#include "sqlite/ErrorMapping.h"

#include "carillon/Errors.h"
#include "sqlite/FileChecks.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace carillon::sqlite
{
namespace
{

/// Less than that and a failed write is taken as "full" though SQLite calls it an input/output error (the -shm file's growth).
constexpr std::uint64_t hardlyAnything = 64 << 10;

bool isForLackOfSpace(int code, int systemError, const std::filesystem::path& file)
{
    if ((code & 0xff) == SQLITE_FULL) return true;
    if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN) return false;
    return systemError == ENOSPC || systemError == EDQUOT || freeSpace(file) < hardlyAnything;
}

} // namespace

void throwFor(int code, sqlite3* handle, const std::filesystem::path& file)
{
    const int extended = handle ? sqlite3_extended_errcode(handle) : code;
    const int systemError = handle ? sqlite3_system_errno(handle) : 0;
    // SQLite's message names tables and columns, never a bound value.
    const std::string detail = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);

    if (isForLackOfSpace(code, systemError, file))
        throw StorageFull(
            fmt::format("no space is left for the database {}; free some, or move it (nothing of this write was kept)", file.string()));

    const std::string system = systemError != 0 ? fmt::format(", {}", std::strerror(systemError)) : "";
    switch (code & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        throw StoreError(fmt::format("database {} is locked by another program; end it (sqlite3, a backup), or raise store.busy_deadline",
                                     file.string()));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        throw StoreError(
            fmt::format("database {} is damaged or no SQLite database ({}); stop all that use it, then restore a backup or move it away",
                        file.string(), detail));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        throw StoreError(
            fmt::format("database {} cannot be written ({}{}); give the file and its folder to the user that runs this program",
                        file.string(), detail, system));
    case SQLITE_IOERR:
        throw StoreError(
            fmt::format("input/output error {} on database {}{}; check the disk and the system log", extended, file.string(), system));
    case SQLITE_NOMEM: throw StoreError(fmt::format("not enough memory for database {}; raise the memory limit", file.string()));
    default: throw StoreError(fmt::format("database {}: {} (SQLite error {})", file.string(), detail, extended));
    }
}

} // namespace carillon::sqlite
