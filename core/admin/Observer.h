#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "port/Store.h"
#include "port/Transport.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace carillon::admin
{

/// What the store and the transports said when they were looked at last.
struct Observation
{
    TimePoint at{};
    bool isStoreWell = false;
    /// By transport; a transport that could not be asked has no queues here.
    std::map<std::string, std::vector<port::QueueStats>> queues;
    std::optional<std::map<std::string, std::uint64_t>> deadByType;
    std::optional<std::uint64_t> outbox;
};

/// Looks at store and transports in a thread of its own, when asked and at most once a second, so that a probe never hangs on a full disk
/// or an absent server and cannot be used to load them. Thread-safe.
class Observer
{
public:
    Observer(port::Store& store, std::map<std::string, port::Transport*> transports, const Clock& clock, Logger logger);
    ~Observer();
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    /// An observation that is at most a second old; waits up to a second for it. Nothing while none can be had.
    std::optional<Observation> look();

private:
    void run();
    Observation observe();
    void tellOnce(bool& wasWell, const std::string& subject, const std::string& error);

    port::Store& _store;
    const std::map<std::string, port::Transport*> _transports;
    const Clock& _clock;
    const Logger _logger;

    std::mutex _mutex;
    std::condition_variable _asked;
    std::condition_variable _answered;
    bool _isWanted = false;
    bool _stops = false;
    std::optional<Observation> _latest;
    std::chrono::steady_clock::time_point _latestAt;
    /// Set while the thread is looking.
    std::optional<std::chrono::steady_clock::time_point> _lookingSince;

    // Of the thread alone: what was told in the log.
    std::map<std::string, bool> _wellness;
    std::thread _thread;
};

} // namespace carillon::admin
