#pragma once

#include "admin/Gate.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace carillon::admin
{

/// Threads that answer arrivals in the order they came. The gate bounds how many there can be.
class Lane
{
public:
    /// `serve` is called by one of `threads` threads; it must not throw.
    Lane(int threads, std::function<void(Arrival)> serve);
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    /// Never blocks.
    void push(std::function<void()> work);
    void push(Arrival arrival);

    /// Finishes what was pushed, then ends the threads.
    void stop();

private:
    void run();

    const std::function<void(Arrival)> _serve;
    std::mutex _mutex;
    std::condition_variable _wakeUp;
    std::deque<std::function<void()>> _work;
    bool _stops = false;
    std::vector<std::thread> _threads;
};

} // namespace carillon::admin
