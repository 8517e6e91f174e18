#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace carillon::fakefcm
{

/// Told by the loop that its file descriptor is ready.
class EventHandler
{
public:
    virtual ~EventHandler() = default;

    /// `events` is what epoll reported (EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP).
    virtual void onReady(std::uint32_t events) = 0;
};

/// One thread's epoll with timers. Everything in the program runs on it, so the same input in the same order has the same result.
///
/// Not thread-safe. Functions throw std::system_error when the kernel refuses.
class EventLoop
{
public:
    using Clock = std::chrono::steady_clock;
    using TimerId = std::uint64_t;

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Reports readiness of `fd` to `handler` until forget(); the loop owns neither.
    void watch(int fd, std::uint32_t events, EventHandler& handler);
    void change(int fd, std::uint32_t events, EventHandler& handler);
    void forget(int fd);

    /// Calls `action` once at `when` or soon after. An id is never used twice and never 0.
    TimerId at(Clock::time_point when, std::function<void()> action);
    void cancel(TimerId id);

    /// Keeps `handler` alive until no event of the current round can reach it any more, then destroys it.
    void buryLater(std::unique_ptr<EventHandler> handler);

    /// Runs until stop(), which may be called from a handler or a timer.
    void run();
    void stop() { _stopped = true; }

private:
    int millisecondsToNextTimer() const;
    void runDueTimers();

    int _epoll = -1;
    bool _stopped = false;
    TimerId _lastTimer = 0;
    std::map<std::pair<Clock::time_point, TimerId>, std::function<void()>> _timers;
    std::map<TimerId, Clock::time_point> _timerTimes;
    std::vector<std::unique_ptr<EventHandler>> _graveyard;
};

} // namespace carillon::fakefcm
