#include "plugin/FileTrust.h"

#include "plugin/Refused.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <deque>
#include <string_view>
#include <system_error>
#include <vector>

namespace carillon::plugin
{

namespace
{

namespace fs = std::filesystem;

constexpr int mostLinks = 40;

std::string errorText(int error) { return std::generic_category().message(error); }

/// True for a user's own group: called as the user and without other members, as Debian makes one for each user. Its members are the
/// owner alone, so that with umask 002 a file is writable by nobody else.
bool isPrivateGroup(gid_t group, uid_t owner)
{
    std::vector<char> userBuffer(16384);
    std::vector<char> groupBuffer(65536);
    passwd user{};
    ::group entry{};
    passwd* foundUser = nullptr;
    ::group* foundGroup = nullptr;
    if (getpwuid_r(owner, &user, userBuffer.data(), userBuffer.size(), &foundUser) != 0 || foundUser == nullptr) return false;
    if (user.pw_gid != group) return false;
    if (getgrgid_r(group, &entry, groupBuffer.data(), groupBuffer.size(), &foundGroup) != 0 || foundGroup == nullptr) return false;
    if (std::string_view(entry.gr_name) != user.pw_name) return false;
    for (char** member = entry.gr_mem; *member != nullptr; ++member)
        if (std::string_view(*member) != user.pw_name) return false;
    return true;
}

bool isOthersWritable(const struct stat& status)
{
    if ((status.st_mode & S_IWOTH) != 0) return true;
    return (status.st_mode & S_IWGRP) != 0 && !isPrivateGroup(status.st_gid, status.st_uid);
}

void requireOwner(const struct stat& status, const char* kind, const fs::path& shown)
{
    if (status.st_uid == 0 || status.st_uid == geteuid()) return;
    throw Refused(fmt::format("{} {} belongs to user {}, not to root or to user {} who runs this program", kind, shown.string(),
                              status.st_uid, geteuid()),
                  fmt::format("look at what is in it, then: chown {} {}", geteuid(), shown.string()));
}

void requireNotWritable(const struct stat& status, const char* kind, const fs::path& shown)
{
    if (!isOthersWritable(status)) return;
    throw Refused(fmt::format("{} {} can be written by others (mode {:04o})", kind, shown.string(), status.st_mode & 07777),
                  fmt::format("chmod go-w {}", shown.string()));
}

struct stat statusOf(int descriptor, const fs::path& shown)
{
    struct stat status
    {
    };
    if (fstat(descriptor, &status) != 0)
        throw Refused(fmt::format("{} cannot be examined: {}", shown.string(), errorText(errno)), "look at the file system");
    return status;
}

std::string linkTarget(int link, const fs::path& shown)
{
    std::array<char, 4096> target{};
    const ssize_t length = readlinkat(link, "", target.data(), target.size());
    if (length <= 0 || static_cast<std::size_t>(length) == target.size())
        throw Refused(fmt::format("symbolic link {} cannot be read", shown.string()), "name the folder itself");
    return {target.data(), static_cast<std::size_t>(length)};
}

std::deque<std::string> namesOf(const fs::path& path)
{
    std::deque<std::string> names;
    for (const fs::path& part : path.relative_path())
        if (!part.empty() && part != ".") names.push_back(part.string());
    return names;
}

/// One way from the root down to a directory.
class Walk
{
public:
    explicit Walk(const fs::path& directory) : _wanted(directory), _names(namesOf(directory)) { startAtRoot(); }

    Descriptor run()
    {
        while (!_names.empty()) step();
        // On the way a sticky folder is enough; in this one anybody could put a file of root's by a hard link.
        requireNotWritable(statusOf(_current.get(), _shown), "folder", _shown);
        Descriptor readable(openat(_current.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!readable)
            throw Refused(fmt::format("folder {} cannot be read: {}", _shown.string(), errorText(errno)),
                          "let this program's user read it");
        return readable;
    }

private:
    void startAtRoot()
    {
        _current = Descriptor(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
        _shown = "/";
        enter();
    }

    void step()
    {
        const std::string name = _names.front();
        _names.pop_front();
        const fs::path shown = name == ".." ? _shown.parent_path() : _shown / name;
        Descriptor next(openat(_current.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (!next && errno == ENOENT)
            throw Refused(fmt::format("folder {} is not there", _wanted.string()), "make it, or correct plugins.directories");
        if (!next)
            throw Refused(fmt::format("folder {} cannot be opened: {}", shown.string(), errorText(errno)),
                          "let this program's user enter it");

        const struct stat status = statusOf(next.get(), shown);
        if (S_ISLNK(status.st_mode)) return follow(status, linkTarget(next.get(), shown), shown);
        if (!S_ISDIR(status.st_mode)) throw Refused(fmt::format("{} is no folder", shown.string()), "correct plugins.directories");
        _current = std::move(next);
        _shown = shown;
        enter();
    }

    void follow(const struct stat& status, const std::string& target, const fs::path& shown)
    {
        requireOwner(status, "symbolic link", shown);
        if (++_links > mostLinks)
            throw Refused(fmt::format("folder {} is behind a loop of symbolic links", _wanted.string()), "name the folder itself");
        const std::deque<std::string> names = namesOf(target);
        _names.insert(_names.begin(), names.begin(), names.end());
        if (target.front() == '/') startAtRoot();
    }

    void enter() const
    {
        const struct stat status = statusOf(_current.get(), _shown);
        requireOwner(status, "folder", _shown);
        if ((status.st_mode & S_ISVTX) == 0) requireNotWritable(status, "folder", _shown);
    }

    fs::path _wanted;
    std::deque<std::string> _names;
    Descriptor _current;
    fs::path _shown;
    int _links = 0;
};

} // namespace

Descriptor openTrustedDirectory(const fs::path& directory) { return Walk(fs::absolute(directory)).run(); }

Descriptor openTrustedFile(const Descriptor& directory, const std::string& name, const fs::path& shown)
{
    // Not blocking: a FIFO called plugin.so must not hold the start up.
    Descriptor file(openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file && errno == ELOOP)
        throw Refused("it is a symbolic link", "copy the file itself here, or name its folder in plugins.directories");
    if (!file && errno == ENOENT) throw Refused("it is not there", "correct the path, or build the plugin");
    if (!file) throw Refused(fmt::format("it cannot be opened: {}", errorText(errno)), fmt::format("let user {} read it", geteuid()));

    const struct stat status = statusOf(file.get(), shown);
    if (!S_ISREG(status.st_mode)) throw Refused("it is no regular file", "move it away");
    requireOwner(status, "file", shown);
    requireNotWritable(status, "file", shown);
    return file;
}

} // namespace carillon::plugin
