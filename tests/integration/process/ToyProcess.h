#pragma once

#include "support/TemporaryDirectory.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace carillon::tests
{

/// Waits until `condition` holds; false when it does not within `limit`.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit = std::chrono::seconds(20));

std::string readFile(const std::filesystem::path& file);

/// The folder of one test: the toys' events, metrics and state.
class ToyFolder
{
public:
    std::string path() const { return _directory.path().string(); }
    std::filesystem::path file(const std::string& name) const { return _directory / name; }

    /// The lines that begin with `prefix`, in the order in which they were written.
    std::vector<std::string> events(const std::string& prefix = {}) const;
    std::size_t count(const std::string& prefix) const { return events(prefix).size(); }

    /// Waits for the `number`th line that begins with `prefix` and returns it; fails the test with all events and the log otherwise.
    std::string await(const std::string& prefix, std::size_t number = 1) const;

    /// The value of a series in the admin's last exposition; -1 when it is not there.
    double metric(const std::string& series) const;

    void write(const std::string& name, const std::string& content) const;
    std::string story() const;

private:
    TemporaryDirectory _directory;
};

/// The number after `key=` in an event.
long long numberIn(const std::string& event, const std::string& key);

/// A master of toys; killed with all its children at the end when the test did not end it.
class ToyMaster
{
public:
    ToyMaster(const ToyFolder& folder, std::vector<std::string> keys, std::vector<std::string> environment = {});
    ~ToyMaster();
    ToyMaster(const ToyMaster&) = delete;
    ToyMaster& operator=(const ToyMaster&) = delete;

    pid_t pid() const { return _pid; }
    void signal(int number) const;

    /// Its exit status, or 128 + signal; fails the test when it does not end within `limit`.
    int waitForEnd(std::chrono::milliseconds limit = std::chrono::seconds(20));

private:
    const ToyFolder& _folder;
    pid_t _pid = 0;
    std::optional<int> _status;
};

/// No such process, not even a zombie.
bool isGone(pid_t pid);

} // namespace carillon::tests
