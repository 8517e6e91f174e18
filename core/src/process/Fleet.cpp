#include "process/Fleet.h"

#include "carillon/Errors.h"
#include "process/Handover.h"
#include "process/Signals.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sys/wait.h>
#include <system_error>

namespace carillon::process
{
namespace
{

using metrics::State;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// A child that drains by its own decision, or an operator's, gets the same time as one that was told, and then some: it ends itself first.
constexpr milliseconds ownDrainGrace{5000};

std::string nameOf(const ChildSpec& spec)
{
    if (spec.role != Role::Worker) return std::string(metrics::toString(spec.role));
    return fmt::format("worker {}/{}", spec.group, spec.index);
}

/// By SIGSTOP; not by a tracer.
bool isStopped(pid_t pid)
{
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(file, line);
    const auto name = line.rfind(") "); // the name before it may hold anything
    return name != std::string::npos && line.compare(name + 2, 1, "T") == 0;
}

std::string describe(const Death& death)
{
    if (death.signal == 0) return fmt::format("exited with status {}", death.exitStatus);
    const char* name = ::sigabbrev_np(death.signal);
    return name == nullptr ? fmt::format("killed by signal {}", death.signal) : fmt::format("killed by SIG{}", name);
}

} // namespace

Fleet::Fleet(Handles handles) : _handles(std::move(handles)), _metrics(_handles.pool.master()) {}

void Fleet::start(std::uint64_t generation, const Plan& plan, BootTime now)
{
    if (plan.children.size() > _handles.pool.free())
        throw ConfigurationError(
            fmt::format("{} processes are asked for where {} more can be watched until the old ones have ended; restart "
                        "Carillon for so large a change",
                        plan.children.size(), _handles.pool.free()));
    _configurations[generation] = seal(plan.configuration);
    for (const auto& spec : plan.children)
    {
        auto& child = _children.emplace_back(spec, generation, *_handles.pool.take(), groupOf(generation, spec));
        child.nextStart = now;
        if (spec.once) ++_onceTotal;
    }
    tick(now);
}

Fleet::Group& Fleet::groupOf(std::uint64_t generation, const ChildSpec& spec)
{
    const auto [place, isNew] = _groups.try_emplace(GroupKey{generation, spec.group}, spec.restart);
    auto& group = place->second;
    if (!isNew) return group;

    const metrics::Labels labels{{"role", metrics::toString(spec.role)}, {"group", spec.group}};
    group.open = _metrics.gauge("carillon_group_breaker_open", "1 while a group that died again and again is not started.", labels,
                                metrics::GaugeRule::Maximum);
    group.starts = _metrics.counter("carillon_process_starts_total", "Starts of child processes.", labels);
    for (const auto cause : {DeathCause::Signal, DeathCause::Exit, DeathCause::Stale, DeathCause::StartTimeout, DeathCause::DrainTimeout})
    {
        auto withCause = labels;
        withCause.emplace_back("cause", toString(cause));
        group.deaths[cause] = _metrics.counter("carillon_process_deaths_total", "Unclean deaths of child processes.", withCause);
    }
    return group;
}

void Fleet::spawn(Child& child, BootTime now)
{
    const auto& options = _handles.options;
    auto& board = _handles.pool.at(child.board);
    Handover handover;
    handover.identity = {child.spec.role, child.spec.group, child.spec.index, child.generation};
    handover.masterPid = static_cast<std::uint32_t>(::getpid());
    handover.nice = child.spec.nice;
    handover.heartbeatInterval = options.heartbeatInterval;
    handover.drainTimeout = options.drainTimeout;
    board.reset(handover.identity);

    std::vector<int> boards;
    if (child.spec.role == Role::Admin) boards = _handles.pool.readOnly();
    handover.boards = static_cast<std::uint32_t>(boards.size());

    child.isReady = false;
    child.killedFor.reset();
    child.killAt = never;
    child.startedAt = now;
    try
    {
        child.pid =
            _handles.spawner.spawn(handover, _handles.common, _configurations.at(child.generation).get(), board.descriptor(), boards);
    }
    catch (const std::system_error& error)
    {
        // No process left, or no memory: the machine's trouble, which a wait may end.
        child.nextStart = now + child.delay.afterDeath({});
        _handles.logger.error(fmt::format("cannot start {}: {}", nameOf(child.spec), error.what()));
        return;
    }
    child.group->starts.add();
    _handles.logger.info(fmt::format("started {}", nameOf(child.spec)), {{"pid", child.pid}, {"generation", child.generation}});
    if (_quiet && child.spec.role != Role::Admin) ::kill(child.pid, quietSignal);
}

void Fleet::stop(std::uint64_t generation, milliseconds timeout, BootTime now)
{
    for (auto place = _children.begin(); place != _children.end();)
    {
        const auto current = place++;
        if (current->generation != generation) continue;
        if (current->pid == 0)
            remove(current);
        else
            stop(*current, timeout, now);
    }
}

void Fleet::stop(Child& child, milliseconds timeout, BootTime now)
{
    // pid 0 would be our whole process group.
    if (child.stopAsked || child.pid == 0) return;
    child.stopAsked = true;
    child.killAt = std::min(child.killAt, now + timeout);
    ::kill(child.pid, stopSignal);
    resumeIfStopped(child);
}

void Fleet::resumeIfStopped(const Child& child)
{
    // A stopped process reads no signal until it runs again, which must not cost the whole time to drain. Others get no CONT: it would end
    // their quiet, and a tracer's stop that is under way (a debugger's, the leak check's at exit) would be lost by it.
    if (isStopped(child.pid)) ::kill(child.pid, SIGCONT);
}

void Fleet::stopAll(BootTime now)
{
    _stopping = true;
    for (auto place = _children.begin(); place != _children.end();)
    {
        const auto current = place++;
        if (current->pid == 0)
            remove(current);
        else if (current->spec.role != Role::Admin)
            stop(*current, _handles.options.drainTimeout, now);
    }
    stopAdminsWhenAlone(now);
}

void Fleet::stopAdminsWhenAlone(BootTime now)
{
    const bool alone = std::all_of(_children.begin(), _children.end(), [](const Child& child) { return child.spec.role == Role::Admin; });
    if (!_stopping || !alone) return;
    for (auto& child : _children) stop(child, _handles.options.hurryTimeout, now);
}

void Fleet::hurry(milliseconds timeout, BootTime now)
{
    for (auto& child : _children)
    {
        if (child.pid == 0) continue;
        stop(child, timeout, now);
        ::kill(child.pid, hurrySignal);
        child.killAt = std::min(child.killAt, now + timeout);
    }
}

void Fleet::setQuiet(bool quiet)
{
    _quiet = quiet;
    for (const auto& child : _children)
        if (child.pid != 0 && child.spec.role != Role::Admin) ::kill(child.pid, quiet ? quietSignal : resumeSignal);
}

void Fleet::reap(BootTime now)
{
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    {
        const auto found = std::find_if(_children.begin(), _children.end(), [pid](const Child& child) { return child.pid == pid; });
        if (found != _children.end()) buried(found, status, now); // else an orphan that was given to us as pid 1
    }
}

Death Fleet::deathOf(const Child& child, int status, BootTime now)
{
    const auto& board = _handles.pool.at(child.board);
    Death death;
    death.at = systemClock().now();
    death.identity = {child.spec.role, child.spec.group, child.spec.index, child.generation};
    death.pid = child.pid;
    death.uptime = duration_cast<milliseconds>(now - child.startedAt);
    death.note = board.note();
    death.inFlight = metrics::slotsOf(board);
    if (WIFSIGNALED(status))
    {
        death.signal = WTERMSIG(status);
        death.core = WCOREDUMP(status);
    }
    else
    {
        death.exitStatus = WEXITSTATUS(status);
    }
    death.cause = child.killedFor.value_or(death.signal != 0 ? DeathCause::Signal : DeathCause::Exit);
    return death;
}

void Fleet::record(const Child& child, const Death& death)
{
    child.group->deaths.at(death.cause).add();
    _handles.logger.error(fmt::format("{} {}", nameOf(child.spec), describe(death)), {{"pid", death.pid},
                                                                                      {"cause", toString(death.cause)},
                                                                                      {"uptime_ms", death.uptime.count()},
                                                                                      {"in_flight", death.inFlight.size()},
                                                                                      {"note", death.note}});
    try
    {
        _handles.crashes.append(death);
    }
    catch (const std::exception& error)
    {
        _handles.logger.critical(fmt::format("the death of {} is not on record: {}; free the disk or make the folder writable",
                                             nameOf(child.spec), error.what()));
    }
}

void Fleet::buried(Place place, int status, BootTime now)
{
    auto& child = *place;
    const auto death = deathOf(child, status, now);
    const bool clean = death.signal == 0 && death.exitStatus == exitOk;
    if (!clean) record(child, death);
    _handles.pool.retire(child.board);
    child.pid = 0;

    if (clean && child.spec.once)
    {
        child.group->wasReady = true;
        ++_onceDone;
    }
    if (child.stopAsked || _stopping || (clean && child.spec.once))
    {
        _handles.logger.info(fmt::format("{} ended", nameOf(child.spec)), {{"pid", death.pid}});
        remove(place);
        stopAdminsWhenAlone(now);
        return;
    }
    if (death.signal == 0 && death.exitStatus == exitConfiguration && child.generation > _established)
        _refusals.try_emplace(child.generation, death.note.empty() ? nameOf(child.spec) + " refused the configuration" : death.note);
    scheduleRestart(child, death, clean, now);
}

void Fleet::scheduleRestart(Child& child, const Death& death, bool clean, BootTime now)
{
    if (clean)
    {
        // It wished to be replaced (memory limit, an operator's TERM): at once, but never faster than the first delay.
        child.group->breaker.ended(now);
        child.nextStart = std::max(now, child.startedAt + child.spec.restart.initialDelay);
        return;
    }
    const auto delay = child.delay.afterDeath(death.uptime);
    child.nextStart = now + delay;
    if (child.group->breaker.died(now))
    {
        child.group->open.set(1);
        _handles.logger.critical(fmt::format("group {} dies again and again: none is started for {} ms, then one is tried",
                                             child.spec.group, child.spec.restart.openFor.count()));
    }
}

void Fleet::remove(Place place)
{
    _handles.pool.giveBack(place->board);
    const auto generation = place->generation;
    _children.erase(place);
    if (!isGone(generation)) return;
    _configurations.erase(generation);
    std::erase_if(_groups,
                  [generation](auto& entry)
                  {
                      if (entry.first.first != generation) return false;
                      entry.second.open.set(0);
                      return true;
                  });
}

void Fleet::kill(Child& child, DeathCause cause, std::string_view why)
{
    if (child.killedFor) return; // it is dying; the kernel takes its time
    child.killedFor = cause;
    ::kill(child.pid, SIGKILL);
    _handles.logger.error(fmt::format("killed {}: {}", nameOf(child.spec), why), {{"pid", child.pid}});
}

void Fleet::watch(Child& child, BootTime now)
{
    const auto state = _handles.pool.at(child.board).state();
    // Not "no longer starting": one that refused its configuration has stopped a moment before it exits.
    if (!child.isReady && (state == State::Ready || state == State::Quiet))
    {
        child.isReady = true;
        child.group->wasReady = true;
        _handles.logger.info(fmt::format("{} is ready", nameOf(child.spec)),
                             {{"pid", child.pid}, {"after_ms", duration_cast<milliseconds>(now - child.startedAt).count()}});
        if (const auto note = _handles.pool.at(child.board).note(); !note.empty())
            _handles.logger.warning(fmt::format("{}: {}", nameOf(child.spec), note), {{"pid", child.pid}});
    }
    if (child.isReady && child.group->breaker.lives(child.startedAt, now))
    {
        child.group->open.set(0);
        _handles.logger.notice(fmt::format("group {} lives again", child.spec.group));
    }

    if (now >= child.killAt)
        kill(child, DeathCause::DrainTimeout, "it did not end in time");
    else if (child.stopAsked)
        resumeIfStopped(child);
    else if (state == State::Starting && now >= child.startedAt + _handles.options.startTimeout)
        kill(child, DeathCause::StartTimeout, "it was not ready in time");
    else if (state == State::Draining || state == State::Stopped)
        child.killAt = std::min(child.killAt, now + _handles.options.drainTimeout + ownDrainGrace);
    else if (child.isReady)
        judgeHeartbeat(child, now);
}

void Fleet::judgeHeartbeat(Child& child, BootTime now)
{
    const auto last = std::max(_handles.pool.at(child.board).lastBeat(), _awakeSince);
    if (now - last < _handles.options.heartbeatStale) return;
    kill(child, DeathCause::Stale, fmt::format("no heartbeat for {} ms", duration_cast<milliseconds>(now - last).count()));
}

void Fleet::tick(BootTime now)
{
    // The whole machine slept, or this process was stopped: then the children's silence proves nothing.
    if (now - _lastTick > _handles.options.heartbeatStale / 2) _awakeSince = now;
    _lastTick = now;
    for (auto& child : _children)
    {
        if (child.pid != 0)
            watch(child, now);
        else if (!_stopping && now >= child.nextStart && !mustWait(child) && child.group->breaker.mayStart(now))
            spawn(child, now);
    }
}

BootTime Fleet::nextTick(BootTime now) const
{
    auto next = now + _handles.options.heartbeatInterval;
    for (const auto& child : _children)
    {
        if (child.pid != 0)
            next = std::min(
                {next, child.killedFor ? never : child.killAt, child.isReady ? never : child.startedAt + _handles.options.startTimeout});
        else if (child.group->breaker.isClosed() && !mustWait(child))
            next = std::min(next, child.nextStart);
        else if (const auto until = child.group->breaker.openUntil())
            next = std::min(next, std::max(*until, child.nextStart));
    }
    return std::max(next, now);
}

bool Fleet::mustWait(const Child& child) const
{
    return child.spec.exclusive && std::any_of(_children.begin(), _children.end(),
                                               [&](const Child& other) {
                                                   return other.generation != child.generation && other.spec.role == child.spec.role &&
                                                          other.spec.group == child.spec.group;
                                               });
}

bool Fleet::isReady(std::uint64_t generation, bool includeExclusive) const
{
    return std::all_of(_children.begin(), _children.end(),
                       [&](const Child& child)
                       { return child.generation != generation || child.group->wasReady || (!includeExclusive && mustWait(child)); });
}

std::string Fleet::notReady(std::uint64_t generation) const
{
    std::set<std::string> names;
    for (const auto& child : _children)
        if (child.generation == generation && !child.group->wasReady) names.insert(nameOf(child.spec));
    return fmt::format("{}", fmt::join(names, ", "));
}

std::optional<std::string> Fleet::refusal(std::uint64_t generation) const
{
    const auto found = _refusals.find(generation);
    if (found == _refusals.end()) return {};
    return found->second;
}

bool Fleet::isGone(std::uint64_t generation) const
{
    return std::none_of(_children.begin(), _children.end(), [generation](const Child& child) { return child.generation == generation; });
}

std::size_t Fleet::runningCount() const
{
    return static_cast<std::size_t>(std::count_if(_children.begin(), _children.end(), [](const Child& child) { return child.pid != 0; }));
}

} // namespace carillon::process
