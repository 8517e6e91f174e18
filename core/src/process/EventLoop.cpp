#include "process/EventLoop.h"

#include "process/Errno.h"

#include <algorithm>
#include <array>
#include <limits>
#include <sys/epoll.h>

namespace carillon::process
{

EventLoop::EventLoop() : _epoll(::epoll_create1(EPOLL_CLOEXEC))
{
    if (!_epoll) throwErrno("cannot create an epoll descriptor");
}

void EventLoop::watch(int descriptor, Callback callback)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (::epoll_ctl(_epoll.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) throwErrno("cannot watch a descriptor");
    _callbacks[descriptor] = std::move(callback);
}

void EventLoop::unwatch(int descriptor)
{
    ::epoll_ctl(_epoll.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    _callbacks.erase(descriptor);
}

void EventLoop::wait(std::chrono::milliseconds timeout)
{
    std::array<epoll_event, 16> events;
    const auto bounded = std::clamp<std::chrono::milliseconds::rep>(timeout.count(), 0, std::numeric_limits<int>::max());
    const int count = ::epoll_wait(_epoll.get(), events.data(), static_cast<int>(events.size()), static_cast<int>(bounded));
    if (count < 0 && errno != EINTR) throwErrno("cannot wait for events");
    for (int index = 0; index < count; ++index)
    {
        const auto found = _callbacks.find(events[static_cast<std::size_t>(index)].data.fd);
        if (found == _callbacks.end()) continue; // unwatched by a callback before
        const auto callback = found->second;     // it may unwatch itself
        callback();
    }
}

} // namespace carillon::process
