#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace carillon::tests
{

/// A program started by a test and ended with it.
class ChildProcess
{
public:
    /// Starts `arguments[0]` (a path) with this process's environment; its standard output is dropped. Throws std::system_error when it
    /// cannot be started.
    explicit ChildProcess(const std::vector<std::string>& arguments);

    /// Kills what still runs.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return _pid; }
    bool isRunning();
    void signal(int number);

    /// Waits until it has ended: its exit status, or 128 + the signal that ended it. Nothing when it still runs after `limit`.
    std::optional<int> wait(std::chrono::milliseconds limit);

private:
    bool reap(bool block);

    pid_t _pid = -1;
    std::optional<int> _status;
};

} // namespace carillon::tests
