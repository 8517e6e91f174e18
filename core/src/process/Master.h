#pragma once

#include "carillon/Logger.h"
#include "process/ChildSpec.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace carillon::process
{

class EventLoop;

/// Exit statuses of processes, children's and master's.
inline constexpr int exitOk = 0;
inline constexpr int exitFailed = 1;
inline constexpr int exitDrainTimeout = 75; ///< a child that gave up what ran when its time to drain was over
inline constexpr int exitConfiguration = 78;

struct MasterOptions
{
    Plan plan;

    /// Where `instance.lock`, `children.lock` and `crashes.jsonl` are. Made, mode 0700, when it is not there.
    std::filesystem::path stateDirectory;

    /// The first word of the children's command line, as `ps` shows it.
    std::string programName = "carillon";

    /// Asked on SIGHUP for the next generation. What it throws keeps the old one, with the reason in the log. Empty: SIGHUP changes
    /// nothing. It may start processes of its own if it waits for them before it returns (the check of a plugin): the loop reaps all.
    std::function<Plan()> reload;

    /// Called once, when admin, clerk and at least one worker of each group are ready.
    std::function<void()> onReady;

    std::chrono::milliseconds heartbeatInterval{1000};
    /// A child that is ready but silent for so long is killed and replaced.
    std::chrono::milliseconds heartbeatStale{10000};
    /// A child that is not ready so long after its start is killed and tried again; the first start as a whole fails after it.
    std::chrono::milliseconds startTimeout{60000};
    /// From the signal to SIGKILL.
    std::chrono::milliseconds drainTimeout{30000};
    /// The same after a second signal.
    std::chrono::milliseconds hurryTimeout{2000};

    /// Core dumps hold bodies and tokens: off unless asked for.
    bool cores = false;
};

/// Keeps the children of a plan running, and nothing else: no thread but its caller's, no network, no plugin.
///
/// TERM, INT and QUIT drain and return, a second one hurries, a third one kills; TSTP stops taking, CONT resumes; HUP makes a new
/// generation. Tells systemd (READY, RELOADING, STOPPING, STATUS, WATCHDOG, EXTEND_TIMEOUT). See docs/processes.md.
class Master
{
public:
    /// Blocks the signals that a master reads. Call it first in main(), before any thread exists: a thread with an open mask would get
    /// them.
    static void blockSignals();

    Master(MasterOptions options, Logger logger);
    ~Master();

    /// Takes the instance lock, waits until children of an earlier master have ended, starts the plan's children and supervises them until
    /// told to stop. Returns 0 after a drain, 78 when a child said that the configuration is wrong, 1 when the start failed.
    /// Throws ConfigurationError when another instance has the state directory or it cannot be written, std::system_error when the
    /// machine has no descriptors or memory for the boards. Call it once, from the thread that lives as long as the process.
    int run();

    /// Why run() returned anything but 0: one line with its remedy.
    const std::string& failure() const;

    /// For further descriptors (inotify): callbacks run on the loop's thread, between two events. Valid during run().
    EventLoop& loop();

    /// As the signal does. From a callback of the loop only.
    void requestStop();
    void requestReload();

private:
    class Run;
    std::unique_ptr<Run> _run;
};

} // namespace carillon::process
