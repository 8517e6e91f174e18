#include "net/EventLoop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

namespace carillon::fakefcm
{

EventLoop::EventLoop() : _epoll(epoll_create1(EPOLL_CLOEXEC))
{
    if (_epoll < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

EventLoop::~EventLoop() { close(_epoll); }

void EventLoop::watch(int fd, std::uint32_t events, EventHandler& handler)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = &handler;
    if (epoll_ctl(_epoll, EPOLL_CTL_ADD, fd, &event) != 0) throw std::system_error(errno, std::generic_category(), "epoll_ctl add");
}

void EventLoop::change(int fd, std::uint32_t events, EventHandler& handler)
{
    epoll_event event{};
    event.events = events;
    event.data.ptr = &handler;
    if (epoll_ctl(_epoll, EPOLL_CTL_MOD, fd, &event) != 0) throw std::system_error(errno, std::generic_category(), "epoll_ctl mod");
}

void EventLoop::forget(int fd) { epoll_ctl(_epoll, EPOLL_CTL_DEL, fd, nullptr); }

EventLoop::TimerId EventLoop::at(Clock::time_point when, std::function<void()> action)
{
    const TimerId id = ++_lastTimer;
    _timers.emplace(std::pair{when, id}, std::move(action));
    _timerTimes.emplace(id, when);
    return id;
}

void EventLoop::cancel(TimerId id)
{
    const auto found = _timerTimes.find(id);
    if (found == _timerTimes.end()) return;
    _timers.erase({found->second, id});
    _timerTimes.erase(found);
}

void EventLoop::buryLater(std::unique_ptr<EventHandler> handler) { _graveyard.push_back(std::move(handler)); }

void EventLoop::run()
{
    std::array<epoll_event, 128> events{};
    while (!_stopped)
    {
        const int count = epoll_wait(_epoll, events.data(), static_cast<int>(events.size()), millisecondsToNextTimer());
        if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_wait");
        for (int i = 0; i < count; ++i)
        {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            static_cast<EventHandler*>(event.data.ptr)->onReady(event.events);
        }
        runDueTimers();
        _graveyard.clear();
    }
}

int EventLoop::millisecondsToNextTimer() const
{
    if (_timers.empty()) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(_timers.begin()->first.first - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(wait, 0, std::numeric_limits<int>::max()));
}

void EventLoop::runDueTimers()
{
    if (_timers.empty()) return;
    const auto now = Clock::now();
    while (!_timers.empty() && _timers.begin()->first.first <= now)
    {
        auto timer = _timers.extract(_timers.begin());
        _timerTimes.erase(timer.key().second);
        timer.mapped()();
    }
}

} // namespace carillon::fakefcm
