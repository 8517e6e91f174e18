#include "process/SingleProcess.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"
#include "process/CoreLimit.h"
#include "process/Errno.h"
#include "process/EventLoop.h"
#include "process/FormerChildren.h"
#include "process/RunRole.h"
#include "process/ServiceManager.h"
#include "process/Signals.h"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <list>
#include <optional>
#include <sys/eventfd.h>
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

constexpr milliseconds formerChildrenGrace{2500};

/// One role in its thread.
struct Member
{
    ChildSpec spec;
    std::shared_ptr<Board> board;
    std::unique_ptr<ChildRuntime> runtime;
    std::thread thread;
    std::atomic<bool> hasEnded{false};
    int status = exitOk; ///< valid once hasEnded
    bool isCounted = false;
};

class Company
{
public:
    Company(const MasterOptions& options, const Roles& roles, const Logger& logger) : _options(options), _roles(roles), _logger(logger) {}

    ~Company()
    {
        // Only an exception leaves threads running here.
        for (auto& member : _members)
            if (member.runtime) member.runtime->control().stop();
        for (auto& member : _members)
            if (member.thread.joinable()) member.thread.join();
    }

    int run(std::string& failure)
    {
        if (!_options.cores) forbidCores();
        prepare();
        if (!takeLocks()) return exitOk;
        startAll();
        while (!isEmpty())
        {
            step(failure);
            _loop.wait(nextWait());
        }
        return _status;
    }

private:
    void prepare()
    {
        _bell.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!_bell) throwErrno("cannot create an event descriptor");
        _loop.watch(_signals.descriptor(),
                    [this]
                    {
                        for (const int signal : _signals.read()) onSignal(signal);
                    });
        _loop.watch(_bell.get(),
                    [this]
                    {
                        std::uint64_t count = 0;
                        [[maybe_unused]] const auto length = ::read(_bell.get(), &count, sizeof(count));
                    });
    }

    bool takeLocks()
    {
        _instance.emplace(_options.stateDirectory);
        _children.emplace(_options.stateDirectory);
        return waitForFormerChildren(
            *_children, _loop, _options.drainTimeout + formerChildrenGrace, [this] { return _stops > 0; }, [] {}, _logger);
    }

    void startAll()
    {
        const std::shared_ptr<Board> master = Board::inMemory({Role::Master, "master", 0, 1});
        master->adopt();
        std::vector<std::shared_ptr<const Board>> boards{master};
        for (const auto& spec : _options.plan.children)
        {
            auto& member = _members.emplace_back();
            member.spec = spec;
            member.board = Board::inMemory({spec.role, spec.group, spec.index, 1});
            member.board->adopt();
            boards.push_back(member.board);
        }
        for (auto& member : _members)
        {
            ChildRuntime::Parts parts;
            parts.board = member.board;
            parts.boards = boards;
            parts.configuration = _options.plan.configuration;
            parts.heartbeatInterval = _options.heartbeatInterval;
            parts.drainTimeout = _options.drainTimeout;
            parts.stateChanged = [this] { ring(); };
            member.runtime = std::make_unique<ChildRuntime>(std::move(parts));
        }
        for (auto& member : _members)
            member.thread = std::thread(
                [this, &member]
                {
                    member.status = runRole(*member.runtime, _roles.at(member.spec.role));
                    member.board->setState(State::Stopped);
                    member.hasEnded = true;
                    ring();
                });
    }

    void ring() const
    {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto length = ::write(_bell.get(), &one, sizeof(one));
    }

    void onSignal(int signal)
    {
        if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT) stop();
        if (signal == SIGHUP) _logger.warning("kept: a single process cannot reload; restart it to change its configuration");
        if (signal != SIGTSTP && signal != SIGCONT) return;
        for (auto& member : _members)
            if (member.spec.role != Role::Admin) member.runtime->control().setQuiet(signal == SIGTSTP);
    }

    void stop()
    {
        if (_stops++ > 0)
        {
            for (auto& member : _members) member.runtime->control().hurry();
            _killAt = std::min(_killAt, bootNow() + _options.hurryTimeout);
            return;
        }
        _manager.stopping("draining");
        _logger.notice("draining; a second signal hurries", {{"timeout_ms", _options.drainTimeout.count()}});
        _killAt = bootNow() + _options.drainTimeout;
        for (auto& member : _members)
            if (member.spec.role != Role::Admin) member.runtime->control().stop();
        stopAdminsWhenAlone();
    }

    void stopAdminsWhenAlone()
    {
        const bool alone =
            std::all_of(_members.begin(), _members.end(), [](const Member& one) { return one.spec.role == Role::Admin || one.hasEnded; });
        if (_stops == 0 || !alone) return;
        for (auto& member : _members) member.runtime->control().stop();
    }

    void step(std::string& failure)
    {
        for (auto& member : _members)
            if (member.hasEnded && !member.isCounted) ended(member, failure);
        stopAdminsWhenAlone();
        if (!_isReady && _stops == 0 && std::all_of(_members.begin(), _members.end(), wasReady))
        {
            _isReady = true;
            _manager.ready("single process");
            if (_options.onReady) _options.onReady();
        }
        if (_manager.watchdog()) _manager.alive();
        if (bootNow() < _killAt) return;
        _logger.critical("gave up what still ran when the time to drain was over");
        ::_exit(exitDrainTimeout); // threads cannot be killed
    }

    void ended(Member& member, std::string& failure)
    {
        member.isCounted = true;
        const bool isExpected = member.status == exitOk && (_stops > 0 || member.spec.once);
        if (member.status != exitOk && _status == exitOk)
        {
            _status = member.status;
            failure = member.board->note();
            if (failure.empty()) failure = fmt::format("{} ended with status {}", metrics::toString(member.spec.role), member.status);
            _logger.critical(failure);
        }
        const bool isWorkDone =
            std::all_of(_members.begin(), _members.end(), [](const Member& one) { return !one.spec.once || one.isCounted; });
        if (_stops == 0 && (!isExpected || isWorkDone)) stop();
    }

    static bool wasReady(const Member& member)
    {
        const auto state = member.board->state();
        return state == State::Ready || state == State::Quiet || (member.isCounted && member.status == exitOk);
    }

    bool isEmpty() const
    {
        return std::all_of(_members.begin(), _members.end(), [](const Member& one) { return one.isCounted; });
    }

    milliseconds nextWait() const
    {
        if (isEmpty()) return milliseconds(0);
        auto next = std::min<std::chrono::nanoseconds>(_killAt, bootNow() + std::chrono::hours(1));
        if (const auto watchdog = _manager.watchdog()) next = std::min<std::chrono::nanoseconds>(next, bootNow() + *watchdog / 2);
        return std::chrono::ceil<milliseconds>(std::max(next - bootNow(), std::chrono::nanoseconds(0)));
    }

    const MasterOptions& _options;
    const Roles& _roles;
    const Logger& _logger;
    EventLoop _loop;
    SignalDescriptor _signals = SignalDescriptor::forMaster();
    ServiceManager _manager = ServiceManager::fromEnvironment();
    std::optional<InstanceLock> _instance;
    std::optional<ChildrenLock> _children;
    FileDescriptor _bell;
    std::list<Member> _members;
    std::chrono::nanoseconds _killAt = std::chrono::nanoseconds::max();
    int _stops = 0;
    bool _isReady = false;
    int _status = exitOk;
};

} // namespace

SingleProcess::SingleProcess(MasterOptions options, Roles roles, Logger logger)
    : _options(std::move(options)),
      _roles(std::move(roles)),
      _logger(std::move(logger))
{
}

int SingleProcess::run()
{
    for (const auto& spec : _options.plan.children)
        if (!_roles.contains(spec.role))
            throw ConfigurationError(fmt::format("this program has no role '{}'", metrics::toString(spec.role)));
    Master::blockSignals();
    return Company(_options, _roles, _logger).run(_failure);
}

} // namespace carillon::process
