#pragma once

#include "process/FileDescriptor.h"

#include <chrono>
#include <functional>
#include <map>

namespace carillon::process
{

/// Waits on descriptors and calls who watches them. Belongs to one thread.
class EventLoop
{
public:
    using Callback = std::function<void()>;

    /// Throws std::system_error.
    EventLoop();

    /// Calls `callback` while `descriptor` can be read (level-triggered). The descriptor stays the caller's, who unwatches it before
    /// closing.
    void watch(int descriptor, Callback callback);
    void unwatch(int descriptor);

    /// Waits at most `timeout` for something and calls who watches it. Callbacks may watch and unwatch.
    void wait(std::chrono::milliseconds timeout);

private:
    FileDescriptor _epoll;
    std::map<int, Callback> _callbacks;
};

} // namespace carillon::process
