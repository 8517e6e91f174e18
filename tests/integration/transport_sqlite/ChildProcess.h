#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace carillon::tests
{

/// The helper program as another process, whose standard output is read line by line. Killed at the end.
class ChildProcess
{
public:
    explicit ChildProcess(std::vector<std::string> arguments);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// The next line; nothing at the end of the output. Throws when none comes within half a minute.
    std::optional<std::string> line();
    /// All lines to the end of the output.
    std::vector<std::string> rest();

    void kill();
    /// The exit status, or minus the signal's number.
    int wait();

private:
    pid_t _pid = -1;
    int _output = -1;
    std::string _buffer;
};

} // namespace carillon::tests
