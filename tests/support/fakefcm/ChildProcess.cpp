#include "support/fakefcm/ChildProcess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

extern char** environ;

namespace carillon::tests
{

ChildProcess::ChildProcess(const std::vector<std::string>& arguments)
{
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawn(&_pid, argv.front(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start " + arguments.front());
}

ChildProcess::~ChildProcess()
{
    if (_status) return;
    kill(_pid, SIGKILL);
    reap(true);
}

bool ChildProcess::isRunning() { return !_status && !reap(false); }

void ChildProcess::signal(int number)
{
    if (isRunning()) kill(_pid, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    // A pidfd becomes readable when the process has ended: no polling.
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, _pid, 0));
    while (isRunning())
    {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) break;
        pollfd ended{pidfd, POLLIN, 0};
        poll(&ended, 1, static_cast<int>(pidfd >= 0 ? left.count() : std::min<long long>(left.count(), 10)));
    }
    if (pidfd >= 0) close(pidfd);
    return _status;
}

bool ChildProcess::reap(bool block)
{
    int status = 0;
    pid_t reaped = -1;
    do reaped = waitpid(_pid, &status, block ? 0 : WNOHANG);
    while (reaped < 0 && errno == EINTR);
    if (reaped != _pid) return false;
    _status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

} // namespace carillon::tests
