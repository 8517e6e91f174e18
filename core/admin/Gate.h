#pragma once

#include "admin/Head.h"
#include "process/FileDescriptor.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace carillon::admin
{

/// A connection whose next request can be answered.
struct Arrival
{
    process::FileDescriptor socket;
    Finding finding = Finding::Request;
    std::size_t headLength = 0;
};

/// Accepts connections and keeps them, in one thread, until a whole request head is there; only then a thread is given to it. So
/// connections that idle or are slow cost no thread, and a full pool of the API cannot keep a probe from its own (Poco's HTTPServer holds a
/// thread for each connection).
///
/// At most `maxConnections` requests of the API are handed on at once; a further one is handed on as TooMany. When the gate itself is full,
/// the connection that has idled longest is closed for a new one. All members are thread-safe.
class Gate
{
public:
    struct Options
    {
        std::size_t maxConnections = 64;
        std::size_t maxHead = 16 << 10;
        /// From accepting (or a further request's first byte) to a whole head.
        std::chrono::milliseconds requestTimeout{10000};
        /// Idle time of a connection that has had an answer.
        std::chrono::milliseconds keepAliveTimeout{5000};
    };
    /// Called by the gate's thread; must not block.
    using Deliver = std::function<void(Arrival)>;

    /// `listener` is bound and listening. Throws std::system_error when the kernel has no descriptor left.
    Gate(process::FileDescriptor listener, const Options& options, Deliver deliver);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void start();

    /// Every arrival ends by one of these: closed, or its socket waits for its next request.
    void closed(Finding finding);
    void giveBack(Arrival arrival);

    /// Takes no further connection; those that are here go on.
    void closeListener();
    /// Ends the thread and closes the connections that wait.
    void stop();

    /// Arrivals that were handed on and have not ended.
    std::size_t busy() const noexcept { return _busy; }

    /// Called once by the gate's thread, soon: a sign of life.
    void ask(std::function<void()> answer);

private:
    using Clock = std::chrono::steady_clock;

    struct Waiting
    {
        process::FileDescriptor socket;
        Clock::time_point since;
        Clock::time_point deadline;
        bool hasBytes = false;
        bool isKept = false; ///< had an answer before
    };

    void run();
    void accept();
    void add(process::FileDescriptor socket, bool isKept);
    void examine(int descriptor, bool hasHungUp);
    void handOn(int descriptor, Finding finding, std::size_t headLength);
    bool evict();
    void expire();
    void takeRequests();
    void ring();

    const Options _options;
    const Deliver _deliver;
    process::FileDescriptor _listener;
    process::FileDescriptor _epoll;
    process::FileDescriptor _bell;
    std::unordered_map<int, Waiting> _waiting;
    std::vector<char> _buffer;

    std::atomic<std::size_t> _busy{0};
    std::atomic<std::size_t> _busyRequests{0};
    std::mutex _mutex;
    std::vector<process::FileDescriptor> _returned;
    std::vector<std::function<void()>> _questions;
    bool _closesListener = false;
    bool _stops = false;
    std::thread _thread;
};

} // namespace carillon::admin
