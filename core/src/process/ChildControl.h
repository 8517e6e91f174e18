#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

namespace carillon::process
{

/// What a process was told: stop, hurry, be quiet. Thread-safe.
///
/// A wish never goes back but quiet: stopping stays stopping. Callbacks run on the thread that tells (the signal watcher), under a lock:
/// they set a flag, close a listener or notify a condition, and do not block, throw, subscribe or unsubscribe.
class ChildControl
{
public:
    /// Ends the callbacks when it is destroyed; none runs afterwards. Must not outlive the control.
    class Subscription
    {
    public:
        Subscription() = default;
        Subscription(ChildControl& control, std::uint64_t id) : _control(&control), _id(id) {}
        Subscription(Subscription&& other) noexcept;
        Subscription& operator=(Subscription&& other) noexcept;
        ~Subscription();

    private:
        ChildControl* _control = nullptr;
        std::uint64_t _id = 0;
    };

    /// Take nothing new, finish what runs, end. `orphaned`: because the master is gone.
    void stop(bool orphaned = false);
    /// Give back what runs, end now. Stops too.
    void hurry();
    void setQuiet(bool quiet);

    bool isStopping() const;
    bool isHurried() const;
    bool isQuiet() const;
    bool isOrphaned() const;

    /// `callback` is called once: when the stop comes, or at once on this thread when it came already.
    [[nodiscard]] Subscription onStop(std::function<void()> callback);
    [[nodiscard]] Subscription onHurry(std::function<void()> callback);
    /// Called with the new value on every change.
    [[nodiscard]] Subscription onQuiet(std::function<void(bool quiet)> callback);

    /// Calls `action` while nothing new can be told: for a decision that must fit what was told. Must not block.
    void inspect(const std::function<void(bool stopping, bool quiet)>& action) const;

    /// Waits until told to stop, at most `timeout`; true when stopping.
    bool waitForStop(std::chrono::milliseconds timeout) const;
    /// The same for the hurry: while draining.
    bool waitForHurry(std::chrono::milliseconds timeout) const;

private:
    struct Callbacks
    {
        std::function<void()> stop;
        std::function<void()> hurry;
        std::function<void(bool)> quiet;
    };

    Subscription subscribe(Callbacks callbacks);
    void unsubscribe(std::uint64_t id);
    void stopLocked();

    mutable std::mutex _mutex;
    mutable std::condition_variable _changed;
    bool _stopping = false;
    bool _hurried = false;
    bool _quiet = false;
    bool _orphaned = false;
    std::uint64_t _nextId = 1;
    std::map<std::uint64_t, Callbacks> _callbacks;
};

} // namespace carillon::process
