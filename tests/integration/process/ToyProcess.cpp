#include "ToyProcess.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <cppunit/TestAssert.h>

namespace carillon::tests
{

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition())
    {
        if (std::chrono::steady_clock::now() > deadline) return false;
        ::poll(nullptr, 0, 2);
    }
    return true;
}

std::string readFile(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::string> ToyFolder::events(const std::string& prefix) const
{
    std::vector<std::string> lines;
    std::istringstream text(readFile(file("events")));
    for (std::string line; std::getline(text, line);)
        if (line.starts_with(prefix)) lines.push_back(line);
    return lines;
}

std::string ToyFolder::await(const std::string& prefix, std::size_t number) const
{
    if (!eventually([&] { return count(prefix) >= number; }))
        CPPUNIT_FAIL(fmt::format("event {} of '{}' did not come:\n{}", number, prefix, story()));
    return events(prefix).at(number - 1);
}

double ToyFolder::metric(const std::string& series) const
{
    std::istringstream text(readFile(file("metrics")));
    for (std::string line; std::getline(text, line);)
        if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
    return -1;
}

void ToyFolder::write(const std::string& name, const std::string& content) const { std::ofstream(file(name), std::ios::binary) << content; }

std::string ToyFolder::story() const { return readFile(file("events")) + "--- log\n" + readFile(file("log")); }

long long numberIn(const std::string& event, const std::string& key)
{
    const auto found = event.find(key + "=");
    CPPUNIT_ASSERT_MESSAGE(fmt::format("'{}' has no {}", event, key), found != std::string::npos);
    return std::stoll(event.substr(found + key.size() + 1));
}

ToyMaster::ToyMaster(const ToyFolder& folder, std::vector<std::string> keys, std::vector<std::string> environment) : _folder(folder)
{
    // The toy is built next to this program.
    const auto toy = (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "process_toy").string();
    std::vector<std::string> words{toy, "master", folder.path()};
    words.insert(words.end(), keys.begin(), keys.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) variables.push_back(*variable);
    for (auto& variable : environment) variables.push_back(variable.data());
    variables.push_back(nullptr);
    const auto log = folder.file("log").string();

    _pid = ::fork();
    CPPUNIT_ASSERT(_pid >= 0);
    if (_pid != 0) return;
    const int output = ::open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::close(output);
    ::execve(toy.c_str(), arguments.data(), variables.data());
    ::_exit(127);
}

ToyMaster::~ToyMaster()
{
    if (_status) return;
    ::kill(_pid, SIGKILL);
    ::waitpid(_pid, nullptr, 0);
    for (const auto& event : _folder.events("start "))
    {
        const auto pid = static_cast<pid_t>(numberIn(event, "pid"));
        // Its number may be another program's by now.
        if (readFile(fmt::format("/proc/{}/cmdline", pid)).starts_with(std::string("toy\0__child", 11))) ::kill(pid, SIGKILL);
    }
}

void ToyMaster::signal(int number) const { CPPUNIT_ASSERT_EQUAL(0, ::kill(_pid, number)); }

int ToyMaster::waitForEnd(std::chrono::milliseconds limit)
{
    int status = 0;
    if (!eventually([&] { return ::waitpid(_pid, &status, WNOHANG) == _pid; }, limit))
        CPPUNIT_FAIL("the master did not end:\n" + _folder.story());
    _status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return *_status;
}

bool isGone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

} // namespace carillon::tests
