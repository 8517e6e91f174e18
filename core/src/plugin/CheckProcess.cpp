#include "plugin/CheckProcess.h"

#include "plugin/CheckChild.h"
#include "plugin/Descriptor.h"
#include "plugin/Names.h"
#include "plugin/Refused.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <sstream>

namespace carillon::plugin
{

namespace
{

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t mostAnswer = 8 << 20;
constexpr std::size_t mostErrors = 4096;
constexpr int failedSetup = 126;

struct Pipe
{
    Descriptor read;
    Descriptor write;
};

Pipe makePipe()
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw Refused(fmt::format("it cannot be checked: no pipe ({})", std::strerror(errno)), "raise the limit of open files");
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
    return pipe;
}

/// All that the child needs between fork and exec, made before: there it may call only what is safe in a signal handler.
struct Preparation
{
    std::vector<std::string> words;
    std::vector<char*> arguments;
    std::array<int, checkResultDescriptor + 1> descriptors{};
    rlim_t seconds = 0;
    pid_t parent = 0;
};

void limit(__rlimit_resource resource, rlim_t value)
{
    const rlimit bounds{value, value};
    if (setrlimit(resource, &bounds) != 0) _exit(failedSetup);
}

[[noreturn]] void becomeCheck(const Preparation& preparation)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != preparation.parent) _exit(failedSetup);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);

    // First out of the way of the numbers that they shall have.
    constexpr int aside = 16;
    std::array<int, checkResultDescriptor + 1> moved{};
    for (std::size_t number = 0; number < moved.size(); ++number)
        moved[number] = fcntl(preparation.descriptors[number], F_DUPFD_CLOEXEC, aside);
    for (std::size_t number = 0; number < moved.size(); ++number)
        if (dup2(moved[number], static_cast<int>(number)) < 0) _exit(failedSetup);
    // At exec, not now: the program itself may be named by a descriptor.
    if (close_range(checkResultDescriptor + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0) _exit(failedSetup);
    if (chdir("/") != 0) _exit(failedSetup);

    limit(RLIMIT_CPU, preparation.seconds);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 64);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    limit(RLIMIT_AS, rlim_t{2} << 30); // the sanitizers map terabytes
#endif

    char* environment[] = {nullptr};
    execve(preparation.arguments.front(), preparation.arguments.data(), environment);
    constexpr std::string_view complaint = "the check program cannot be started\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, complaint.data(), complaint.size());
    _exit(failedSetup);
}

/// The child from its start to its end; killed with all that it started when this goes.
class Child
{
public:
    Child(const std::vector<std::string>& command, const std::filesystem::path& copy, milliseconds timeout)
        : _timeout(timeout),
          _deadline(steady_clock::now() + timeout),
          _answer(makePipe()),
          _errors(makePipe())
    {
        const Descriptor null(open("/dev/null", O_RDWR | O_CLOEXEC));
        Preparation preparation;
        preparation.words = command;
        preparation.words.front() = std::filesystem::absolute(command.front());
        preparation.words.push_back(copy.string());
        for (std::string& word : preparation.words) preparation.arguments.push_back(word.data());
        preparation.arguments.push_back(nullptr);
        preparation.descriptors = {null.get(), null.get(), _errors.write.get(), _answer.write.get()};
        preparation.seconds = static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(timeout).count());
        preparation.parent = getpid();

        _id = fork();
        if (_id == 0) becomeCheck(preparation);
        if (_id < 0)
            throw Refused(fmt::format("it cannot be checked: no process ({})", std::strerror(errno)),
                          "raise the limit of processes or memory");
        _handle = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, _id, 0)));
        _answer.write.close();
        _errors.write.close();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child()
    {
        if (_id > 0) end();
    }

    /// Reads what it says until it is gone. Throws Refused when it takes too long.
    void watch()
    {
        while (!isGone())
        {
            const auto left = std::chrono::ceil<milliseconds>(_deadline - steady_clock::now());
            if (left <= milliseconds(0))
                throw Refused(fmt::format("its check took longer than {} ms{}", _timeout.count(), lastWords()),
                              "let its register function declare and return; nothing may wait or loop in it");
            std::array<pollfd, 3> polled{{{_handle.get(), POLLIN, 0}, {_answer.read.get(), POLLIN, 0}, {_errors.read.get(), POLLIN, 0}}};
            // Without a handle (an old kernel) the end is asked for again and again.
            constexpr milliseconds askAgain{20};
            poll(polled.data(), polled.size(), static_cast<int>((_handle ? left : std::min(left, askAgain)).count()));
            readAll();
        }
        readAll();
        end();
    }

    const std::string& answer() const { return _said; }
    const siginfo_t& ending() const { return _ending; }

    /// ` ("terminate called after …")`, or nothing.
    std::string lastWords() const
    {
        std::istringstream lines(_complained);
        std::string line;
        std::string words;
        for (int count = 0; count < 2 && std::getline(lines, line);)
        {
            line = oneLine(line, 160);
            if (line.empty()) continue;
            words += (count++ == 0 ? "" : " ") + line;
        }
        return words.empty() ? words : fmt::format(" (\"{}\")", words);
    }

private:
    bool isGone()
    {
        // WNOWAIT: the number must stay ours until its process group is ended.
        return waitid(P_PID, static_cast<id_t>(_id), &_ending, WEXITED | WNOHANG | WNOWAIT) != 0 || _ending.si_pid == _id;
    }

    void readAll()
    {
        readPipe(_errors.read, _complained, mostErrors);
        readPipe(_answer.read, _said, mostAnswer + 1);
        if (_said.size() > mostAnswer) throw Refused("its manifest is too large", "declare less, or shorter schemas");
    }

    /// Keeps the first `most` bytes and drops the rest: a child that says too much must not wait for us.
    static void readPipe(Descriptor& pipe, std::string& text, std::size_t most)
    {
        std::array<char, 16384> block{};
        ssize_t length = 0;
        while (pipe && (length = read(pipe.get(), block.data(), block.size())) > 0)
            text.append(block.data(), std::min(static_cast<std::size_t>(length), most - text.size()));
        if (length == 0) pipe.close();
    }

    void end()
    {
        kill(-_id, SIGKILL);
        kill(_id, SIGKILL); // it may not have made its group yet
        while (waitpid(_id, nullptr, 0) < 0 && errno == EINTR)
        {
        }
        _id = -1;
    }

    milliseconds _timeout;
    steady_clock::time_point _deadline;
    Pipe _answer;
    Pipe _errors;
    pid_t _id = -1;
    Descriptor _handle;
    std::string _said;
    std::string _complained;
    siginfo_t _ending{};
};

constexpr const char* codeRemedy = "correct its static objects and its register function, which may only declare";

void requireCleanEnd(const Child& child, milliseconds timeout)
{
    const siginfo_t& ending = child.ending();
    // Somebody else of this process waited for it: then the answer alone tells.
    if (ending.si_pid == 0) return;
    if (ending.si_code == CLD_EXITED && ending.si_status == 0) return;
    if (ending.si_code == CLD_EXITED && ending.si_status == failedSetup)
        throw Refused(fmt::format("it cannot be checked: the check process could not be set up{}", child.lastWords()),
                      "look at the limits of this system");
    if (ending.si_code == CLD_EXITED)
        throw Refused(fmt::format("its code ended the check process with exit status {}{}", ending.si_status, child.lastWords()),
                      codeRemedy);
    if (ending.si_status == SIGXCPU)
        throw Refused(fmt::format("its check used more than {} ms of processor time", timeout.count()), codeRemedy);
    if (ending.si_status == SIGXFSZ) throw Refused("its code wrote a file while it was checked", codeRemedy);
    const char* const name = sigabbrev_np(ending.si_status);
    throw Refused(
        fmt::format("its check was killed by signal {} (SIG{}){}", ending.si_status, name == nullptr ? "?" : name, child.lastWords()),
        codeRemedy);
}

} // namespace

CheckResult runCheck(const std::vector<std::string>& command, const std::filesystem::path& copy, milliseconds timeout)
{
    Child child(command, copy, timeout);
    child.watch();
    requireCleanEnd(child, timeout);

    const auto answer = nlohmann::json::parse(child.answer(), nullptr, false);
    if (!answer.is_object())
        throw Refused(fmt::format("its code ended the check process with exit status 0{}", child.lastWords()), codeRemedy);
    if (answer.contains("reason")) throw Refused(oneLine(answer.value("reason", ""), 2000), oneLine(answer.value("remedy", ""), 500));
    return {Manifest::fromJson(answer.value("manifest", "")), answer.value("warnings", std::vector<std::string>())};
}

} // namespace carillon::plugin
