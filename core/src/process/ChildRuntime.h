#pragma once

#include "metrics/MetricsRegistry.h"
#include "metrics/Slot.h"
#include "metrics/Snapshot.h"
#include "process/ChildControl.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carillon::process
{

/// What a role's code has of its process: who it is, its configuration, its board, and what it was told. The same in a process of its own
/// and in `--single-process`. Thread-safe.
class ChildRuntime
{
public:
    struct Parts
    {
        std::shared_ptr<metrics::Board> board;
        /// All boards, the master's first, for the admin; others have only their own.
        std::vector<std::shared_ptr<const metrics::Board>> boards;
        std::string configuration;
        std::chrono::milliseconds heartbeatInterval{1000};
        std::chrono::milliseconds drainTimeout{30000};
        std::uint32_t masterPid = 0;
        /// Called after the state on the board has changed.
        std::function<void()> stateChanged;
    };

    explicit ChildRuntime(Parts parts);

    const metrics::Identity& identity() const noexcept { return _identity; }
    const std::string& configuration() const noexcept { return _parts.configuration; }
    /// 0 in `--single-process` means: this process.
    std::uint32_t masterPid() const noexcept { return _parts.masterPid; }

    metrics::Board& board() noexcept { return *_parts.board; }
    metrics::MetricsRegistry& metrics() noexcept { return _metrics; }
    metrics::SlotTable& slots() noexcept { return _slots; }
    const metrics::BoardSet& boards() const noexcept { return _boards; }

    /// Proves the progress of the loop that calls it, at least every `heartbeatInterval()`: the loop whose standstill is a reason to kill
    /// the process. Never call it from a timer of its own.
    void beat() noexcept { _parts.board->beat(); }
    std::chrono::milliseconds heartbeatInterval() const noexcept { return _parts.heartbeatInterval; }
    /// How long what runs may still run once stopping.
    std::chrono::milliseconds drainTimeout() const noexcept { return _parts.drainTimeout; }

    /// The role does its work: consuming, serving. The master is READY when all are.
    void ready();

    /// The role asks for its own end (memory limit): as if it had been told to stop. Exit with 0, and the master starts a fresh process.
    void requestStop() { _control.stop(); }

    ChildControl& control() noexcept { return _control; }
    bool isStopping() const { return _control.isStopping(); }
    bool isHurried() const { return _control.isHurried(); }
    bool isQuiet() const { return _control.isQuiet(); }
    /// Stopping because the master is gone.
    bool isOrphaned() const { return _control.isOrphaned(); }
    [[nodiscard]] ChildControl::Subscription onStop(std::function<void()> callback) { return _control.onStop(std::move(callback)); }
    [[nodiscard]] ChildControl::Subscription onHurry(std::function<void()> callback) { return _control.onHurry(std::move(callback)); }
    [[nodiscard]] ChildControl::Subscription onQuiet(std::function<void(bool)> callback) { return _control.onQuiet(std::move(callback)); }
    bool waitForStop(std::chrono::milliseconds timeout) const { return _control.waitForStop(timeout); }
    bool waitForHurry(std::chrono::milliseconds timeout) const { return _control.waitForHurry(timeout); }

private:
    void setState(metrics::State state);

    Parts _parts;
    metrics::Identity _identity;
    metrics::MetricsRegistry _metrics;
    metrics::SlotTable _slots;
    metrics::BoardSet _boards;
    ChildControl _control;
    ChildControl::Subscription _stateOnStop;
    ChildControl::Subscription _stateOnQuiet;
};

/// A role's whole life: set up, ready(), work until told to stop, drain; the result is the exit status. ConfigurationError becomes status
/// 78 with its text handed to the master, any other exception status 1.
using ChildMain = std::function<int(ChildRuntime&)>;
using Roles = std::map<metrics::Role, ChildMain>;

/// The hidden subcommand by which a master starts a child: `carillon __child role=worker …`.
inline constexpr const char* childCommand = "__child";

/// True when this process was started by a master: then main() calls runChild and nothing else, before any thread exists.
bool isChild(int argc, char** argv);

/// Takes what the master handed over and runs the role; returns the exit status. Started by hand it says so and returns 2.
int runChild(int argc, char** argv, const Roles& roles);

} // namespace carillon::process
