#include "process/ChildRuntime.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"
#include "process/Errno.h"
#include "process/Handover.h"
#include "process/Master.h"
#include "process/RunRole.h"
#include "process/Signals.h"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace carillon::process
{
namespace
{

using metrics::Board;
using metrics::bootNow;
using metrics::State;
using std::chrono::milliseconds;

constexpr int usage = 2;

/// The role's own drain comes first; then this; only then the master's SIGKILL. Without a master this is the only bound.
constexpr milliseconds drainGrace{1000};

void ring(int eventDescriptor)
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto length = ::write(eventDescriptor, &one, sizeof(one));
}

/// The thread that hears: the master's signals and the end of the lifeline. It also bounds the drain, so that an orphan cannot hold the
/// next master up for ever.
class Watcher
{
public:
    Watcher(ChildRuntime& runtime, FileDescriptor lifeline)
        : _runtime(runtime),
          _lifeline(std::move(lifeline)),
          _signals(SignalDescriptor::forChild()),
          _bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        if (!_bell) throwErrno("cannot create an event descriptor");
        _onStop = _runtime.onStop([this] { ring(_bell.get()); });
        _thread = std::thread([this] { watch(); });
    }

    ~Watcher()
    {
        _ended = true;
        ring(_bell.get());
        _thread.join();
    }

private:
    void watch()
    {
        while (!_ended)
        {
            std::array<pollfd, 3> sources{pollfd{_bell.get(), POLLIN, 0}, pollfd{_signals.descriptor(), POLLIN, 0},
                                          pollfd{_lifeline.get(), POLLIN, 0}};
            ::poll(sources.data(), sources.size(), timeout());
            if (sources[0].revents != 0) hush();
            // Before the signals: a master's death ends the lifeline first and sends the signal then, and who asks why it is to stop must
            // hear the reason. Nobody writes to the lifeline: what can be read is its end.
            if (sources[2].revents != 0)
            {
                _lifeline.reset(); // a negative descriptor is passed over by poll
                _runtime.control().stop(true);
            }
            if (sources[1].revents != 0)
                for (const int signal : _signals.read()) hear(signal);
            boundDrain();
        }
    }

    void hush()
    {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto length = ::read(_bell.get(), &count, sizeof(count));
    }

    void hear(int signal)
    {
        auto& control = _runtime.control();
        if (signal == stopSignal) control.stop();
        if (signal == hurrySignal) control.hurry();
        if (signal == quietSignal) control.setQuiet(true);
        if (signal == resumeSignal) control.setQuiet(false);
    }

    void boundDrain()
    {
        if (!_runtime.isStopping()) return;
        if (!_deadline) _deadline = bootNow() + _runtime.drainTimeout() + drainGrace;
        if (bootNow() < *_deadline) return;
        _runtime.board().setNote("gave up what still ran when the time to drain was over");
        ::_exit(exitDrainTimeout); // destructors would wait for what does not end
    }

    int timeout() const
    {
        if (!_deadline) return -1;
        return static_cast<int>(std::max<milliseconds::rep>(std::chrono::ceil<milliseconds>(*_deadline - bootNow()).count(), 0));
    }

    ChildRuntime& _runtime;
    FileDescriptor _lifeline;
    SignalDescriptor _signals;
    FileDescriptor _bell;
    std::optional<std::chrono::nanoseconds> _deadline; ///< the thread's own
    std::atomic<bool> _ended{false};
    ChildControl::Subscription _onStop;
    std::thread _thread;
};

/// Takes what was handed over into the runtime's parts.
ChildRuntime::Parts takeParts(const Handover& handover, int wake)
{
    ChildRuntime::Parts parts;
    parts.board = Board::attach(handedBoard, Board::Access::ReadWrite);
    parts.board->adopt();
    parts.configuration = unseal(handedConfiguration);
    for (std::uint32_t number = 0; number < handover.boards; ++number)
        parts.boards.push_back(Board::attach(handedBoards + static_cast<int>(number), Board::Access::ReadOnly));
    if (parts.boards.empty()) parts.boards.push_back(parts.board);
    parts.heartbeatInterval = handover.heartbeatInterval;
    parts.drainTimeout = handover.drainTimeout;
    parts.masterPid = handover.masterPid;
    parts.stateChanged = [wake] { ring(wake); };

    // Mapped or read: the descriptors are of no more use, and what is open here is what a plugin could reach.
    ::close(handedBoard);
    ::close(handedConfiguration);
    for (std::uint32_t number = 0; number < handover.boards; ++number) ::close(handedBoards + static_cast<int>(number));
    return parts;
}

/// Before the first thread: in Linux each has a priority of its own, taken from the one that starts it.
void takePriority(Board& board, int nice)
{
    if (nice == 0 || ::setpriority(PRIO_PROCESS, 0, nice) == 0) return;
    board.setNote(fmt::format("the priority stays as it was: nice {} was refused: {}", nice, errorText(errno)));
}

bool closeOnExec(const Handover& handover)
{
    const int end = handedBoards + static_cast<int>(handover.boards);
    for (int descriptor = handedLifeline; descriptor < end; ++descriptor)
        if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) return false;
    return true;
}

int startedByHand(const char* reason)
{
    std::fprintf(stderr, "carillon: %s is how the master starts its children, not for use by hand (%s); use: carillon run\n", childCommand,
                 reason);
    return usage;
}

} // namespace

int runRole(ChildRuntime& runtime, const ChildMain& role)
{
    try
    {
        return role(runtime);
    }
    catch (const ConfigurationError& error)
    {
        runtime.board().setNote(error.what());
        return exitConfiguration;
    }
    catch (const std::exception& error)
    {
        runtime.board().setNote(fmt::format("ended by an exception: {}", error.what()));
    }
    catch (...)
    {
        runtime.board().setNote("ended by an exception of unknown type");
    }
    return exitFailed;
}

bool isChild(int argc, char** argv) { return argc > 1 && std::string_view(argv[1]) == childCommand; }

int runChild(int argc, char** argv, const Roles& roles)
{
    blockChildSignals();
    Handover handover;
    try
    {
        handover = Handover::parse({argv, static_cast<std::size_t>(argc)});
    }
    catch (const std::exception& error)
    {
        return startedByHand(error.what());
    }
    if (!closeOnExec(handover)) return startedByHand("its descriptors are missing");
    const auto role = roles.find(handover.identity.role);
    if (role == roles.end()) return startedByHand("unknown role");
    // Started through a descriptor, the kernel would name the process by its number.
    ::prctl(PR_SET_NAME, fmt::format("carillon-{}", metrics::toString(handover.identity.role)).c_str());

    std::shared_ptr<Board> board;
    try
    {
        auto parts = takeParts(handover, handedWake);
        board = parts.board;
        takePriority(*board, handover.nice);
        ChildRuntime runtime(std::move(parts));
        int status = exitOk;
        {
            const Watcher watcher(runtime, FileDescriptor(handedLifeline));
            status = runRole(runtime, role->second);
        }
        board->setState(State::Stopped);
        return status;
    }
    catch (const std::exception& error)
    {
        if (board)
            board->setNote(error.what());
        else
            std::fprintf(stderr, "carillon: a child cannot start: %s\n", error.what());
        return exitFailed;
    }
}

} // namespace carillon::process
