#pragma once

#include "carillon/Logger.h"
#include "metrics/MetricsRegistry.h"
#include "process/BoardPool.h"
#include "process/CrashLog.h"
#include "process/Master.h"
#include "process/Restart.h"
#include "process/Spawner.h"

#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace carillon::process
{

/// The master's children: starts, watches, restarts and ends them. Knows generations, not why there is a new one. One thread.
class Fleet
{
public:
    struct Handles
    {
        const MasterOptions& options;
        BoardPool& pool;
        Spawner& spawner;
        Spawner::Common common;
        CrashLog crashes;
        Logger logger;
    };

    explicit Fleet(Handles handles);

    /// Starts a generation. Its exclusive children wait until those of other generations have ended.
    /// Throws ConfigurationError when there are not enough boards; then nothing was started.
    void start(std::uint64_t generation, const Plan& plan, BootTime now);

    /// Tells a generation to drain. Those that do not end in `timeout` are killed.
    void stop(std::uint64_t generation, std::chrono::milliseconds timeout, BootTime now);

    /// Drains all: workers and clerk first, the admin when those have ended, so that it tells the truth for so long.
    void stopAll(BootTime now);
    /// Gives those that drain little time, or none.
    void hurry(std::chrono::milliseconds timeout, BootTime now);

    /// Workers and clerks of all generations, also those that start later.
    void setQuiet(bool quiet);
    bool isQuiet() const noexcept { return _quiet; }

    /// Takes every dead process from the kernel, also orphans that a pid 1 inherits.
    void reap(BootTime now);

    /// Does what is due: starts, deadlines, heartbeats.
    void tick(BootTime now);
    /// When tick() has something to do at the latest.
    BootTime nextTick(BootTime now) const;

    /// Admin, clerk and at least one of each group are ready. `includeExclusive` false: those that wait for another generation's do not
    /// count.
    bool isReady(std::uint64_t generation, bool includeExclusive) const;
    /// Which are not, for a line to the operator.
    std::string notReady(std::uint64_t generation) const;
    /// A child said that the configuration is wrong before its generation was ready; its reason.
    std::optional<std::string> refusal(std::uint64_t generation) const;
    bool isGone(std::uint64_t generation) const;
    bool isEmpty() const { return _children.empty(); }
    /// There are `once` children and all have ended well.
    bool isWorkDone() const { return _onceTotal > 0 && _onceDone == _onceTotal; }
    std::size_t runningCount() const;

    /// A generation counts as started: from now on configuration errors are deaths like any other.
    void setEstablished(std::uint64_t generation) { _established = generation; }

private:
    static constexpr BootTime never = BootTime::max();

    struct Group
    {
        explicit Group(const RestartPolicy& policy) : breaker(policy) {}
        Breaker breaker;
        bool wasReady = false;
        metrics::Gauge open;
        std::map<DeathCause, metrics::Counter> deaths;
        metrics::Counter starts;
    };
    using GroupKey = std::pair<std::uint64_t, std::string>;

    struct Child
    {
        Child(ChildSpec what, std::uint64_t of, std::size_t on, Group& its)
            : spec(std::move(what)),
              generation(of),
              board(on),
              group(&its),
              delay(spec.restart)
        {
        }
        ChildSpec spec;
        std::uint64_t generation;
        std::size_t board;
        Group* group;
        RestartDelay delay;
        pid_t pid = 0; ///< 0: not running
        BootTime startedAt{0};
        BootTime nextStart{0};
        BootTime killAt = never;
        bool isReady = false;
        bool stopAsked = false;
        std::optional<DeathCause> killedFor;
    };
    using Place = std::list<Child>::iterator;

    void spawn(Child& child, BootTime now);
    void stop(Child& child, std::chrono::milliseconds timeout, BootTime now);
    static void resumeIfStopped(const Child& child);
    void kill(Child& child, DeathCause cause, std::string_view why);
    void watch(Child& child, BootTime now);
    void judgeHeartbeat(Child& child, BootTime now);
    void buried(Place place, int status, BootTime now);
    Death deathOf(const Child& child, int status, BootTime now);
    void record(const Child& child, const Death& death);
    void scheduleRestart(Child& child, const Death& death, bool clean, BootTime now);
    void remove(Place place);
    void stopAdminsWhenAlone(BootTime now);
    bool mustWait(const Child& child) const;
    Group& groupOf(std::uint64_t generation, const ChildSpec& spec);
    bool isGroupReady(std::uint64_t generation, const std::string& group) const;

    Handles _handles;
    metrics::MetricsRegistry _metrics;
    std::list<Child> _children;
    std::map<GroupKey, Group> _groups;
    std::map<std::uint64_t, FileDescriptor> _configurations;
    std::map<std::uint64_t, std::string> _refusals;
    std::uint64_t _established = 0;
    std::size_t _onceTotal = 0;
    std::size_t _onceDone = 0;
    bool _quiet = false;
    bool _stopping = false;
    BootTime _lastTick{0};
    BootTime _awakeSince{0};
};

} // namespace carillon::process
