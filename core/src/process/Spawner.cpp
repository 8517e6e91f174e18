#include "process/Spawner.h"

#include "process/Errno.h"
#include "process/Signals.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace carillon::process
{
namespace
{

constexpr int cannotExecute = 126;

/// A supervisor's own business: a child that told systemd READY or WATCHDOG would speak for the master.
constexpr std::string_view mastersVariables[] = {
    "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=", "LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES="};

std::vector<char*> childEnvironment()
{
    std::vector<char*> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
    {
        const bool isMasters = std::any_of(std::begin(mastersVariables), std::end(mastersVariables),
                                           [&](std::string_view name) { return std::string_view(*variable).starts_with(name); });
        if (!isMasters) variables.push_back(*variable);
    }
    variables.push_back(nullptr);
    return variables;
}

/// What the child needs between fork and exec, made before: there only async-signal-safe calls are allowed, because another thread may have
/// held any lock at the fork.
struct Launch
{
    pid_t parent;
    int executable;
    std::vector<int> descriptors; ///< to be 3, 4, 5 …
    char* const* arguments;
    char* const* environment;
};

[[noreturn]] void fail(const char* what)
{
    const char* reason = ::strerrordesc_np(errno);
    for (const char* part : {"carillon: cannot start a child: ", what, ": ", reason == nullptr ? "unknown error" : reason, "\n"})
        if (::write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
    ::_exit(cannotExecute);
}

void placeDescriptors(Launch& launch)
{
    // First all out of the way: a source may have the number of another's target.
    const int free = handedLifeline + static_cast<int>(launch.descriptors.size());
    launch.executable = ::fcntl(launch.executable, F_DUPFD_CLOEXEC, free);
    if (launch.executable < 0) fail("F_DUPFD_CLOEXEC");
    for (auto& descriptor : launch.descriptors)
    {
        descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, free);
        if (descriptor < 0) fail("F_DUPFD_CLOEXEC");
    }

    int target = handedLifeline;
    for (const int descriptor : launch.descriptors)
        if (::dup2(descriptor, target++) < 0) fail("dup2");

    // All others end with the exec, even those that a library opened without O_CLOEXEC.
    if (::syscall(SYS_close_range, static_cast<unsigned>(free), ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    const long limit = ::sysconf(_SC_OPEN_MAX);
    for (int descriptor = free; descriptor < limit; ++descriptor) ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void becomeChild(Launch& launch)
{
    // Held back by the inherited mask until the new program reads it.
    if (::prctl(PR_SET_PDEATHSIG, stopSignal) != 0) fail("PR_SET_PDEATHSIG");
    // The master may have died before that line; then the signal never comes.
    if (::getppid() != launch.parent) ::_exit(cannotExecute);
    placeDescriptors(launch);
    ::syscall(SYS_execveat, launch.executable, "", launch.arguments, launch.environment, AT_EMPTY_PATH);
    fail("execveat");
}

} // namespace

Spawner::Spawner(std::string programName) : _programName(std::move(programName)), _executable(::open("/proc/self/exe", O_PATH | O_CLOEXEC))
{
    if (!_executable) throwErrno("cannot open /proc/self/exe (is /proc mounted?)");
}

pid_t Spawner::spawn(const Handover& handover, const Common& common, int configuration, int board, const std::vector<int>& boards) const
{
    auto words = handover.commandLine(_programName);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const auto environment = childEnvironment();

    Launch launch{::getpid(), _executable.get(), {}, arguments.data(), environment.data()};
    launch.descriptors = {common.lifeline, common.wake, configuration, common.childrenLock, board};
    launch.descriptors.insert(launch.descriptors.end(), boards.begin(), boards.end());

    const pid_t pid = ::fork();
    if (pid < 0) throwErrno("cannot fork");
    if (pid == 0) becomeChild(launch);
    return pid;
}

void ensureStandardDescriptors()
{
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) != descriptor)
            throwErrno("cannot open /dev/null for a closed standard descriptor");
}

} // namespace carillon::process
