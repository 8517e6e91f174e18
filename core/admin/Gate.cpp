#include "admin/Gate.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace carillon::admin
{
namespace
{

using process::FileDescriptor;

/// Beyond the API's connections, so that a probe finds room while all of those are busy.
constexpr std::size_t reserve = 64;
constexpr int tick = 100;

void watch(int epoll, int descriptor, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot watch a connection");
}

} // namespace

Gate::Gate(FileDescriptor listener, const Options& options, Deliver deliver)
    : _options(options),
      _deliver(std::move(deliver)),
      _listener(std::move(listener)),
      _epoll(epoll_create1(EPOLL_CLOEXEC)),
      _bell(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      _buffer(options.maxHead + 1)
{
    if (!_epoll || !_bell) throw std::system_error(errno, std::generic_category(), "cannot create the gate of the HTTP server");
    watch(_epoll.get(), _listener.get(), EPOLLIN);
    watch(_epoll.get(), _bell.get(), EPOLLIN);
}

Gate::~Gate() { stop(); }

void Gate::start()
{
    _thread = std::thread([this] { run(); });
}

void Gate::closed(Finding finding)
{
    if (finding == Finding::Request) --_busyRequests;
    --_busy;
}

void Gate::giveBack(Arrival arrival)
{
    {
        const std::lock_guard lock(_mutex);
        _returned.push_back(std::move(arrival.socket));
    }
    closed(arrival.finding);
    ring();
}

void Gate::closeListener()
{
    {
        const std::lock_guard lock(_mutex);
        _closesListener = true;
    }
    ring();
}

void Gate::stop()
{
    {
        const std::lock_guard lock(_mutex);
        _stops = true;
    }
    ring();
    if (_thread.joinable()) _thread.join();
}

void Gate::ask(std::function<void()> answer)
{
    {
        const std::lock_guard lock(_mutex);
        _questions.push_back(std::move(answer));
    }
    ring();
}

void Gate::ring()
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(_bell.get(), &one, sizeof one);
}

void Gate::run()
{
    std::array<epoll_event, 64> events{};
    while (true)
    {
        const int count = epoll_wait(_epoll.get(), events.data(), static_cast<int>(events.size()), _waiting.empty() ? -1 : tick);
        for (int i = 0; i < count; ++i)
        {
            const auto& event = events[static_cast<std::size_t>(i)];
            if (event.data.fd == _listener.get())
                accept();
            else if (event.data.fd != _bell.get())
                examine(event.data.fd, (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
        }
        expire();
        takeRequests();
        const std::lock_guard lock(_mutex);
        if (!_stops) continue;
        _waiting.clear();
        _listener.reset();
        return;
    }
}

void Gate::takeRequests()
{
    std::uint64_t rings = 0;
    [[maybe_unused]] const auto read = ::read(_bell.get(), &rings, sizeof rings);
    std::vector<FileDescriptor> returned;
    std::vector<std::function<void()>> questions;
    bool closesListener = false;
    {
        const std::lock_guard lock(_mutex);
        returned.swap(_returned);
        questions.swap(_questions);
        closesListener = _closesListener;
    }
    // Closing takes it out of the epoll set too.
    if (closesListener) _listener.reset();
    for (FileDescriptor& socket : returned) add(std::move(socket), true);
    for (const auto& answer : questions) answer();
}

void Gate::accept()
{
    while (true)
    {
        FileDescriptor socket(accept4(_listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket)
        {
            if ((errno == EMFILE || errno == ENFILE) && evict()) continue;
            // Without a descriptor the listener stays readable: do not spin on it.
            if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(std::chrono::milliseconds(tick));
            return;
        }
        if (_waiting.size() + _busy >= _options.maxConnections + reserve && !evict()) continue;
        const int on = 1;
        setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        add(std::move(socket), false);
    }
}

void Gate::add(FileDescriptor socket, bool isKept)
{
    const int descriptor = socket.get();
    const auto now = Clock::now();
    Waiting waiting{std::move(socket), now, now + (isKept ? _options.keepAliveTimeout : _options.requestTimeout), false, isKept};
    try
    {
        watch(_epoll.get(), descriptor, EPOLLIN | EPOLLRDHUP | EPOLLET);
    }
    catch (const std::system_error&)
    {
        return; // out of kernel memory: this connection is closed
    }
    _waiting.insert_or_assign(descriptor, std::move(waiting));
}

void Gate::examine(int descriptor, bool hasHungUp)
{
    const auto found = _waiting.find(descriptor);
    if (found == _waiting.end()) return;
    const auto length = recv(descriptor, _buffer.data(), _buffer.size(), MSG_PEEK | MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0)
    {
        _waiting.erase(found);
        return;
    }
    const Head head = inspectHead({_buffer.data(), static_cast<std::size_t>(length)}, _options.maxHead);
    if (head.finding != Finding::Incomplete)
        handOn(descriptor, head.finding, head.length);
    else if (hasHungUp)
        _waiting.erase(found); // nobody is left to hear what was missing
    else if (!std::exchange(found->second.hasBytes, true) && found->second.isKept)
        found->second.deadline = Clock::now() + _options.requestTimeout;
}

void Gate::handOn(int descriptor, Finding finding, std::size_t headLength)
{
    const auto found = _waiting.find(descriptor);
    Arrival arrival{std::move(found->second.socket), finding, headLength};
    _waiting.erase(found);
    epoll_ctl(_epoll.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    if (finding == Finding::Request && _busyRequests >= _options.maxConnections) arrival.finding = Finding::TooMany;
    if (arrival.finding == Finding::Request) ++_busyRequests;
    ++_busy;
    _deliver(std::move(arrival));
}

bool Gate::evict()
{
    const auto isWorth = [](const auto& left, const auto& right)
    {
        const auto rank = [](const Waiting& waiting) { return std::pair(!waiting.isKept || waiting.hasBytes, waiting.since); };
        return rank(left.second) < rank(right.second);
    };
    const auto least = std::min_element(_waiting.begin(), _waiting.end(), isWorth);
    if (least == _waiting.end()) return false;
    _waiting.erase(least);
    return true;
}

void Gate::expire()
{
    const auto now = Clock::now();
    std::vector<int> expired;
    for (const auto& [descriptor, waiting] : _waiting)
        if (waiting.deadline <= now) expired.push_back(descriptor);
    for (const int descriptor : expired)
    {
        if (_waiting.at(descriptor).hasBytes)
            handOn(descriptor, Finding::TooSlow, 0);
        else
            _waiting.erase(descriptor);
    }
}

} // namespace carillon::admin
