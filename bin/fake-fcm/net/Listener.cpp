#include "net/Listener.h"

#include "http/Http1Session.h"
#include "http/Http2Session.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace carillon::fakefcm
{

namespace
{

struct SocketAddress
{
    sockaddr_storage storage{};
    socklen_t size = 0;
};

SocketAddress socketAddress(const std::string& address, std::uint16_t port)
{
    SocketAddress result;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1)
    {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        result.size = sizeof *v4;
        return result;
    }
    if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1)
    {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        result.size = sizeof *v6;
        return result;
    }
    throw std::runtime_error(fmt::format("cannot listen on '{}': not an IP address; give one such as 127.0.0.1", address));
}

std::uint16_t boundPort(int fd)
{
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
    return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

} // namespace

Listener::Listener(EventLoop& loop, const std::string& address, std::uint16_t port, SSL_CTX* tls, Site& site, const SessionLimits& limits)
    : _loop(loop),
      _tls(tls),
      _site(site),
      _limits(limits)
{
    const SocketAddress where = socketAddress(address, port);
    _fd = socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (_fd >= 0) setsockopt(_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (_fd < 0 || bind(_fd, reinterpret_cast<const sockaddr*>(&where.storage), where.size) != 0 || listen(_fd, SOMAXCONN) != 0)
    {
        const int error = errno;
        if (_fd >= 0) ::close(_fd);
        throw std::runtime_error(
            fmt::format("cannot listen on {} port {}: {}; give another port, or 0 for a free one", address, port, std::strerror(error)));
    }
    _port = boundPort(_fd);
    _loop.watch(_fd, EPOLLIN, *this);
}

Listener::~Listener()
{
    _loop.cancel(_pauseTimer);
    _loop.forget(_fd);
    ::close(_fd);
}

void Listener::onReady(std::uint32_t)
{
    constexpr int acceptsPerTurn = 64;
    for (int turn = 0; turn < acceptsPerTurn; ++turn)
    {
        const int fd = accept4(_fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
        {
            adopt(fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause();
        if (errno != ECONNABORTED && errno != EINTR) return;
    }
}

void Listener::adopt(int fd)
{
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::uint64_t id = ++_accepted;
    auto makeSession = [this, id](SessionHost& host, std::string_view alpn) -> std::unique_ptr<Session>
    {
        if (alpn == "h2") return std::make_unique<Http2Session>(_site, host, _limits, id);
        return std::make_unique<Http1Session>(_site, host, _limits, id);
    };
    auto onClosed = [this, id]
    {
        const auto found = _connections.find(id);
        _loop.buryLater(std::move(found->second));
        _connections.erase(found);
    };
    _connections.emplace(id, std::make_unique<Connection>(_loop, fd, _tls, _limits.requestTimeout, makeSession, onClosed));
}

void Listener::pause()
{
    // The queue stays readable: without a pause the loop would spin until a descriptor is free.
    _loop.forget(_fd);
    _pauseTimer = _loop.at(EventLoop::Clock::now() + std::chrono::milliseconds(100), [this] { _loop.watch(_fd, EPOLLIN, *this); });
}

} // namespace carillon::fakefcm
