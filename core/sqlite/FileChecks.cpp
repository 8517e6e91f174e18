#include "sqlite/FileChecks.h"

#include "carillon/Errors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>

namespace carillon::sqlite
{
namespace
{

/// Those of linux/magic.h and of the file systems that keep theirs to themselves.
const char* networkFileSystem(unsigned long magic)
{
    switch (magic)
    {
    case NFS_SUPER_MAGIC: return "NFS";
    case SMB_SUPER_MAGIC:
    case 0xff534d42:
    case 0xfe534d42: return "SMB";
    case AFS_SUPER_MAGIC:
    case 0x6b414653: return "AFS";
    case CODA_SUPER_MAGIC: return "Coda";
    case 0x00c36400: return "Ceph";
    case 0x0bd00bd0: return "Lustre";
    case V9FS_MAGIC: return "9p";
    case 0x47504653: return "GPFS";
    case 0x01161970: return "GFS2";
    case OCFS2_SUPER_MAGIC: return "OCFS2";
    case 0x65735546: return "FUSE (sshfs, virtiofs, …)";
    default: return nullptr;
    }
}

std::filesystem::path folderOf(const std::filesystem::path& file) { return file.has_parent_path() ? file.parent_path() : "."; }

} // namespace

std::uint64_t freeSpace(const std::filesystem::path& file) noexcept
{
    struct statvfs state
    {
    };
    if (statvfs(file.c_str(), &state) != 0 && statvfs(folderOf(file).c_str(), &state) != 0)
        return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(state.f_bavail) * state.f_frsize;
}

void requireUsable(const std::filesystem::path& file)
{
    const auto folder = folderOf(file);
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error))
        throw ConfigurationError(
            fmt::format("folder {} of the database does not exist; create it: mkdir -p {}", folder.string(), folder.string()));
    if (access(folder.c_str(), W_OK | X_OK) != 0)
        throw ConfigurationError(
            fmt::format("folder {} of the database cannot be written ({}); SQLite keeps its -wal file there, so give it to the user "
                        "that runs this program",
                        folder.string(), std::strerror(errno)));
    const auto status = std::filesystem::status(file, error);
    if (std::filesystem::exists(status))
    {
        if (!std::filesystem::is_regular_file(status))
            throw ConfigurationError(fmt::format("{} is no regular file; name another database", file.string()));
        if (access(file.c_str(), R_OK | W_OK) != 0)
            throw ConfigurationError(fmt::format("database {} cannot be read and written ({}); give it to the user that runs this program",
                                                 file.string(), std::strerror(errno)));
    }
    struct statfs state
    {
    };
    if (statfs(folder.c_str(), &state) != 0) return;
    if (const char* name = networkFileSystem(static_cast<unsigned long>(state.f_type) & 0xffffffffUL))
        throw ConfigurationError(fmt::format("database {} lies on a network file system ({}), where it would be damaged sooner or later; "
                                             "put it on a local disk, or use RabbitMQ and MongoDB",
                                             file.string(), name));
}

void createPrivate(const std::filesystem::path& file)
{
    const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close(fd);
    else if (errno == ENOSPC || errno == EDQUOT)
        throw StorageFull(fmt::format("no space is left to create the database {}; free some", file.string()));
    else if (errno != EEXIST)
        throw ConfigurationError(fmt::format("database {} cannot be created ({}); check its folder", file.string(), std::strerror(errno)));
}

} // namespace carillon::sqlite
