#include "ChildProcess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

namespace carillon::tests
{

ChildProcess::ChildProcess(std::vector<std::string> arguments)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    std::string program = CARILLON_OTHER_PROCESS;
    std::vector<char*> argv{program.data()};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    const int error = posix_spawn(&_pid, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    _output = ends[0];
    if (error != 0) throw std::system_error(error, std::generic_category(), program);
}

ChildProcess::~ChildProcess()
{
    kill();
    wait();
    close(_output);
}

std::optional<std::string> ChildProcess::line()
{
    for (;;)
    {
        if (const auto end = _buffer.find('\n'); end != std::string::npos)
        {
            std::string result = _buffer.substr(0, end);
            _buffer.erase(0, end + 1);
            return result;
        }
        pollfd waiting{_output, POLLIN, 0};
        if (poll(&waiting, 1, 30000) == 0) throw std::runtime_error("the other process says nothing");
        char bytes[4096];
        const ssize_t count = read(_output, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR) continue;
        // A line that was cut off by a kill was not said.
        if (count <= 0) return {};
        _buffer.append(bytes, static_cast<std::size_t>(count));
    }
}

std::vector<std::string> ChildProcess::rest()
{
    std::vector<std::string> lines;
    while (auto next = line()) lines.push_back(std::move(*next));
    return lines;
}

void ChildProcess::kill()
{
    if (_pid > 0) ::kill(_pid, SIGKILL);
}

int ChildProcess::wait()
{
    if (_pid <= 0) return 0;
    int status = 0;
    while (waitpid(_pid, &status, 0) < 0 && errno == EINTR)
    {
    }
    _pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

} // namespace carillon::tests
