#include "process/Master.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"
#include "process/CoreLimit.h"
#include "process/Errno.h"
#include "process/EventLoop.h"
#include "process/Fleet.h"
#include "process/FormerChildren.h"
#include "process/ServiceManager.h"
#include "process/Signals.h"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace carillon::process
{
namespace
{

using metrics::bootNow;
using metrics::State;
using std::chrono::milliseconds;

constexpr std::chrono::seconds extendInterval{10};
constexpr std::chrono::seconds extension{30};

/// The children's own deadline comes first (see Watcher in RunChild.cpp); this one is for those that cannot keep it.
constexpr milliseconds formerChildrenGrace{2500};

/// More processes than the first generation has are possible in the next one, up to here.
constexpr std::size_t spareBoards = 8;

std::pair<FileDescriptor, FileDescriptor> makeLifeline()
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throwErrno("cannot create the lifeline pipe");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

FileDescriptor makeWake()
{
    FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake) throwErrno("cannot create an event descriptor");
    return wake;
}

} // namespace

/// One life of a master: from the lock to the last child's end.
class Master::Run
{
public:
    Run(MasterOptions options, Logger logger) : _options(std::move(options)), _logger(std::move(logger)) {}

    int operator()();
    void requestStop();
    void requestReload() { _reloadAsked = true; }
    EventLoop& loop() { return _loop; }
    const std::string& failure() const { return _failure; }

private:
    enum class Phase
    {
        Waiting, ///< for the children of an earlier master
        Starting,
        Running,
        Reloading, ///< the new generation starts, the old one works
        Retiring,  ///< the new one works, the old one drains
        Stopping
    };

    void setUp();
    void supervise();
    void onSignal(int signal);
    void step(BootTime now);
    void stepStart(BootTime now);
    void stepReload(BootTime now);
    void beginReload(BootTime now);
    void endReload(BootTime now, bool taken, const std::string& reason);
    void beginStop(BootTime now);
    void fail(int status, const std::string& reason);
    void speak(BootTime now);
    BootTime nextStep(BootTime now) const;
    std::string summary() const;

    MasterOptions _options;
    Logger _logger;
    EventLoop _loop;
    ServiceManager _manager = ServiceManager::fromEnvironment();
    std::optional<SignalDescriptor> _signals;
    std::optional<InstanceLock> _instance;
    std::optional<ChildrenLock> _children;
    std::optional<Spawner> _spawner;
    std::optional<BoardPool> _pool;
    std::optional<Fleet> _fleet;
    FileDescriptor _lifelineForChildren;
    FileDescriptor _lifeline; ///< nobody writes to it: its end is the message
    FileDescriptor _wake;
    metrics::Counter _reloadsTaken;
    metrics::Counter _reloadsKept;

    Phase _phase = Phase::Waiting;
    std::uint64_t _generation = 1; ///< the one that works
    std::uint64_t _newest = 1;     ///< the one that was started last
    BootTime _phaseDeadline{0};
    BootTime _lastExtension{0};
    BootTime _lastAlive{0};
    int _stopsAsked = 0;
    int _stopsDone = 0;
    bool _reloadAsked = false;
    int _status = exitOk;
    std::string _failure;
};

int Master::Run::operator()()
{
    ensureStandardDescriptors();
    blockMasterSignals();
    _signals.emplace(SignalDescriptor::forMaster());
    _loop.watch(_signals->descriptor(),
                [this]
                {
                    for (const int signal : _signals->read()) onSignal(signal);
                });

    _instance.emplace(_options.stateDirectory);
    _children.emplace(_options.stateDirectory);
    const bool isFree = waitForFormerChildren(
        *_children, _loop, _options.drainTimeout + formerChildrenGrace, [this] { return _stopsAsked > 0; }, [this] { speak(bootNow()); },
        _logger);
    if (!isFree) return exitOk;

    setUp();
    supervise();
    return _status;
}

void Master::Run::setUp()
{
    if (!_options.cores) forbidCores();
    _spawner.emplace(_options.programName);
    _pool.emplace(2 * _options.plan.children.size() + spareBoards);
    std::tie(_lifelineForChildren, _lifeline) = makeLifeline();
    _wake = makeWake();

    auto& board = _pool->master();
    board.reset({Role::Master, "master", 0, _generation});
    board.adopt();
    metrics::MetricsRegistry metrics(board);
    constexpr auto help = "Reloads of configuration and plugins by result.";
    _reloadsTaken = metrics.counter("carillon_reloads_total", help, {{"result", "taken"}});
    _reloadsKept = metrics.counter("carillon_reloads_total", help, {{"result", "kept"}});

    _loop.watch(_wake.get(),
                [this]
                {
                    std::uint64_t count = 0;
                    [[maybe_unused]] const auto length = ::read(_wake.get(), &count, sizeof(count));
                });
    _fleet.emplace(Fleet::Handles{_options, *_pool, *_spawner,
                                  Spawner::Common{_lifelineForChildren.get(), _wake.get(), _children->descriptor()},
                                  CrashLog(_options.stateDirectory / "crashes.jsonl"), _logger});
}

void Master::Run::supervise()
{
    const auto now = bootNow();
    _phase = Phase::Starting;
    _phaseDeadline = now + _options.startTimeout;
    speak(now);
    _fleet->start(_generation, _options.plan, now);
    for (;;)
    {
        const auto time = bootNow();
        _fleet->reap(time);
        _fleet->tick(time);
        step(time);
        if (_phase == Phase::Stopping && _fleet->isEmpty()) break;
        speak(time);
        const auto rest = std::chrono::ceil<milliseconds>(nextStep(time) - bootNow());
        _loop.wait(rest);
    }
    _pool->master().setState(State::Stopped);
    _logger.info("all children have ended");
}

void Master::Run::onSignal(int signal)
{
    switch (signal)
    {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
        requestStop();
        break;
    case SIGHUP:
        requestReload();
        break;
    case SIGTSTP:
    case SIGCONT:
        if (!_fleet || _phase == Phase::Stopping) break;
        _logger.notice(signal == SIGTSTP ? "quiet: nothing new is taken until CONT" : "resumed");
        _fleet->setQuiet(signal == SIGTSTP);
        _pool->master().setState(signal == SIGTSTP ? State::Quiet : State::Ready);
        break;
    default:
        break; // SIGCHLD: the loop reaps on every turn
    }
}

void Master::Run::requestStop() { ++_stopsAsked; }

void Master::Run::step(BootTime now)
{
    _pool->master().beat();
    if (_stopsAsked > _stopsDone)
    {
        beginStop(now);
        return;
    }
    switch (_phase)
    {
    case Phase::Starting:
        stepStart(now);
        break;
    case Phase::Running:
        if (_fleet->isWorkDone())
            requestStop();
        else if (_reloadAsked)
            beginReload(now);
        break;
    case Phase::Reloading:
    case Phase::Retiring:
        stepReload(now);
        break;
    case Phase::Waiting:
    case Phase::Stopping:
        break;
    }
}

void Master::Run::stepStart(BootTime now)
{
    if (const auto reason = _fleet->refusal(_generation)) return fail(exitConfiguration, *reason);
    if (_fleet->isReady(_generation, true))
    {
        _phase = Phase::Running;
        _fleet->setEstablished(_generation);
        _pool->master().setState(_fleet->isQuiet() ? State::Quiet : State::Ready);
        _manager.ready(summary());
        _logger.info("ready", {{"processes", _fleet->runningCount()}});
        if (_options.onReady) _options.onReady();
        return;
    }
    if (now < _phaseDeadline) return;
    fail(exitFailed, fmt::format("not ready after {} ms: {}; see the log lines of these processes above", _options.startTimeout.count(),
                                 _fleet->notReady(_generation)));
}

void Master::Run::beginReload(BootTime now)
{
    _reloadAsked = false;
    if (!_options.reload)
    {
        _logger.warning("kept: this process cannot reload; restart it to change its configuration");
        return;
    }
    _manager.reloading();
    // A number of its own even when this fails: what a refused generation left may still be ending.
    ++_newest;
    try
    {
        _fleet->start(_newest, _options.reload(), now);
        _phase = Phase::Reloading;
        _phaseDeadline = now + _options.startTimeout;
        _logger.info("a new generation starts", {{"generation", _newest}});
    }
    catch (const std::exception& error)
    {
        endReload(now, false, error.what());
    }
}

void Master::Run::stepReload(BootTime now)
{
    if (_phase == Phase::Retiring)
    {
        const bool isComplete = _fleet->isReady(_generation, true);
        if (!isComplete && now < _phaseDeadline) return;
        if (!isComplete) _logger.error(fmt::format("not ready in the new generation: {}; it is tried on", _fleet->notReady(_generation)));
        return endReload(now, true, {});
    }
    if (const auto reason = _fleet->refusal(_newest)) return endReload(now, false, *reason);
    if (!_fleet->isReady(_newest, false))
    {
        if (now >= _phaseDeadline) endReload(now, false, fmt::format("not ready in time: {}", _fleet->notReady(_newest)));
        return;
    }
    // The point of no return: the new ones work, the old ones drain, and who holds a port makes room for its successor.
    _fleet->setEstablished(_newest);
    _fleet->stop(_generation, _options.drainTimeout, now);
    _generation = _newest;
    _phase = Phase::Retiring;
    _phaseDeadline = now + _options.drainTimeout + _options.startTimeout;
}

void Master::Run::endReload(BootTime now, bool taken, const std::string& reason)
{
    if (taken)
    {
        _reloadsTaken.add();
        _logger.info("the new generation has taken over", {{"generation", _generation}});
    }
    else
    {
        _reloadsKept.add();
        _fleet->stop(_newest, _options.hurryTimeout, now);
        _logger.error(fmt::format("kept: the old generation goes on: {}", reason));
    }
    _phase = Phase::Running;
    _manager.ready(taken ? summary() : fmt::format("{}; last reload refused: {}", summary(), reason));
}

void Master::Run::beginStop(BootTime now)
{
    const bool isFirst = _stopsDone == 0;
    _stopsDone = _stopsAsked;
    if (isFirst)
    {
        _phase = Phase::Stopping;
        _pool->master().setState(State::Draining);
        _manager.stopping("draining");
        _logger.notice("draining; a second signal hurries", {{"timeout_ms", _options.drainTimeout.count()}});
        _fleet->stopAll(now);
        if (_stopsAsked == 1) return;
    }
    const bool isLast = _stopsAsked > 2;
    _logger.warning(isLast ? "killing what still runs" : "hurrying: what still runs is given back");
    _fleet->hurry(isLast ? milliseconds(0) : _options.hurryTimeout, now);
    _fleet->tick(now);
}

void Master::Run::fail(int status, const std::string& reason)
{
    _status = status;
    _failure = reason;
    _logger.critical(reason);
    _manager.status(reason);
    requestStop();
}

void Master::Run::speak(BootTime now)
{
    if (!_manager.isPresent()) return;
    const bool takesTime = _phase == Phase::Waiting || _phase == Phase::Starting || _phase == Phase::Stopping;
    if (takesTime && now - _lastExtension >= extendInterval)
    {
        _lastExtension = now;
        _manager.extendTimeout(extension);
    }
    // From the loop alone: what is proved is that this process supervises, not that others work.
    const auto watchdog = _manager.watchdog();
    if (!watchdog || now - _lastAlive < *watchdog / 2) return;
    _lastAlive = now;
    _manager.alive();
}

BootTime Master::Run::nextStep(BootTime now) const
{
    // What a step asked of itself (a failed start asks for a stop) is done at once.
    if (_stopsAsked > _stopsDone || (_reloadAsked && _phase == Phase::Running)) return now;
    auto next = _fleet->nextTick(now);
    if (_phase == Phase::Starting || _phase == Phase::Reloading) next = std::min(next, _phaseDeadline);
    if (const auto watchdog = _manager.watchdog()) next = std::min<BootTime>(next, _lastAlive + *watchdog / 2);
    return std::max(next, now);
}

std::string Master::Run::summary() const { return fmt::format("{} processes, generation {}", _fleet->runningCount(), _generation); }

void Master::blockSignals() { blockMasterSignals(); }

Master::Master(MasterOptions options, Logger logger) : _run(std::make_unique<Run>(std::move(options), std::move(logger))) {}

Master::~Master() = default;

int Master::run() { return (*_run)(); }

const std::string& Master::failure() const { return _run->failure(); }

EventLoop& Master::loop() { return _run->loop(); }

void Master::requestStop() { _run->requestStop(); }

void Master::requestReload() { _run->requestReload(); }

} // namespace carillon::process
