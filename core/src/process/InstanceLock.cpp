#include "process/InstanceLock.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"
#include "process/ChildRuntime.h"
#include "process/Errno.h"

#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace carillon::process
{
namespace
{

namespace fs = std::filesystem;

void makeDirectory(const fs::path& directory)
{
    std::error_code error;
    if (fs::is_directory(directory, error)) return;
    if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), 0700) == 0 || (errno == EEXIST && fs::is_directory(directory, error))) return;
    throw ConfigurationError(
        fmt::format("state directory {} cannot be made: {}; create it, owned by the user Carillon runs as, or set another state_dir",
                    directory.string(), errorText(errno)));
}

FileDescriptor openLock(const fs::path& file)
{
    FileDescriptor descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!descriptor)
        throw ConfigurationError(
            fmt::format("{} cannot be opened: {}; make its folder writable for the user Carillon runs as, or set another state_dir",
                        file.string(), errorText(errno)));
    return descriptor;
}

/// A master that was killed a moment ago still has its lock until the kernel has taken it apart.
constexpr std::chrono::milliseconds timeToVanish{500};

/// False with errno when another has the lock for all that time.
bool lockWithin(int descriptor, std::chrono::milliseconds limit)
{
    const auto deadline = metrics::bootNow() + limit;
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    {
        if (errno != EWOULDBLOCK) return false;
        if (metrics::bootNow() > deadline)
        {
            errno = EWOULDBLOCK;
            return false;
        }
        ::poll(nullptr, 0, 5);
    }
    return true;
}

std::string readPid(int descriptor)
{
    char text[32] = {};
    const auto length = ::pread(descriptor, text, sizeof(text) - 1, 0);
    if (length <= 0) return {};
    std::string pid(text, static_cast<std::size_t>(length));
    if (const auto end = pid.find_first_not_of("0123456789"); end != std::string::npos) pid.resize(end);
    return pid;
}

bool isCarillonChild(int pid)
{
    std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
    const std::string words((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto first = words.find('\0');
    return first != std::string::npos &&
           words.compare(first + 1, std::string_view(childCommand).size() + 1, std::string(childCommand) + '\0') == 0;
}

bool holds(const fs::path& process, const fs::path& lock)
{
    std::error_code error;
    for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end; entry.increment(error))
    {
        std::error_code unreadable;
        if (fs::equivalent(entry->path(), lock, unreadable) && !unreadable) return true;
    }
    return false;
}

} // namespace

InstanceLock::InstanceLock(const fs::path& stateDirectory)
{
    makeDirectory(stateDirectory);
    _file = openLock(stateDirectory / "instance.lock");
    if (!lockWithin(_file.get(), timeToVanish))
    {
        if (errno != EWOULDBLOCK) throwErrno(fmt::format("cannot lock {}", (stateDirectory / "instance.lock").string()));
        const auto pid = readPid(_file.get());
        throw ConfigurationError(fmt::format("state directory {} is in use by another Carillon{}; stop that one{} or set another state_dir",
                                             stateDirectory.string(), pid.empty() ? "" : fmt::format(" (pid {})", pid),
                                             pid.empty() ? "" : fmt::format(" (kill -TERM {})", pid)));
    }
    const auto pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(_file.get(), 0) != 0 || ::pwrite(_file.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
        throwErrno(fmt::format("cannot write {}", (stateDirectory / "instance.lock").string()));
}

ChildrenLock::ChildrenLock(const fs::path& stateDirectory)
    : _path(stateDirectory / "children.lock"),
      _file(openLock(stateDirectory / "children.lock"))
{
}

bool ChildrenLock::tryTake()
{
    // Exclusive, so that a lock that a child inherited is in the way; ours is passed on by inheritance in turn.
    if (::flock(_file.get(), LOCK_EX | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    throwErrno(fmt::format("cannot lock {}", _path.string()));
}

std::vector<int> ChildrenLock::holders() const
{
    std::vector<int> pids;
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error))
    {
        const auto name = entry->path().filename().string();
        int pid = 0;
        const auto [stop, failure] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (failure != std::errc{} || stop != name.data() + name.size() || pid == ::getpid()) continue;
        if (holds(entry->path(), _path)) pids.push_back(pid);
    }
    return pids;
}

int ChildrenLock::killHolders() const
{
    int killed = 0;
    for (const int pid : holders())
    {
        // The descriptor pins the process: between the look and the signal the pid may become another's.
        const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!process || !isCarillonChild(pid) || !holds(fmt::format("/proc/{}", pid), _path)) continue;
        if (::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0) ++killed;
    }
    return killed;
}

} // namespace carillon::process
