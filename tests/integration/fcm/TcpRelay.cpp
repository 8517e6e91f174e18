#include "integration/fcm/TcpRelay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace carillon::tests
{
namespace
{

int checked(int result, const char* what)
{
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

} // namespace

TcpRelay::TcpRelay(std::uint16_t serverPort) : _serverPort(serverPort)
{
    _listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    auto address = loopback(0);
    checked(bind(_listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
    checked(listen(_listener, 64), "listen");
    socklen_t length = sizeof address;
    checked(getsockname(_listener, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
    _port = ntohs(address.sin_port);
    checked(pipe(_wake), "pipe");
    _thread = std::thread([this] { run(); });
}

TcpRelay::~TcpRelay()
{
    _isStopping = true;
    wake();
    _thread.join();
    for (const Link& link : _links) end(link, false);
    ::close(_listener);
    ::close(_wake[0]);
    ::close(_wake[1]);
}

void TcpRelay::swallow()
{
    const std::lock_guard lock(_mutex);
    _swallowed = 0;
    for (Link& link : _links) link.isSwallowing = true;
}

void TcpRelay::waitUntilSwallowed(std::size_t bytes) const
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (_swallowed < bytes)
    {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the relay got nothing to swallow");
        std::this_thread::yield();
    }
}

void TcpRelay::endAll(bool byReset)
{
    const std::lock_guard lock(_mutex);
    for (const Link& link : _links) end(link, byReset);
    _links.clear();
    wake();
}

void TcpRelay::end(const Link& link, bool byReset)
{
    const linger now{1, 0};
    if (byReset) setsockopt(link.client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(link.client);
    ::close(link.server);
}

void TcpRelay::wake() const
{
    const char byte = 0;
    (void)!write(_wake[1], &byte, 1);
}

void TcpRelay::run()
{
    while (!_isStopping)
    {
        std::vector<pollfd> watched{{_wake[0], POLLIN, 0}, {_listener, POLLIN, 0}};
        {
            const std::lock_guard lock(_mutex);
            for (const Link& link : _links)
            {
                watched.push_back({link.client, POLLIN, 0});
                watched.push_back({link.server, POLLIN, 0});
            }
        }
        poll(watched.data(), watched.size(), -1);
        char bytes[64];
        if ((watched[0].revents & POLLIN) != 0) (void)!read(_wake[0], bytes, sizeof bytes);

        const std::lock_guard lock(_mutex);
        if ((watched[1].revents & POLLIN) != 0) acceptOne();
        const auto isReady = [&](int socket)
        {
            for (const pollfd& entry : watched)
                if (entry.fd == socket) return entry.revents != 0;
            return false;
        };
        for (auto link = _links.begin(); link != _links.end();)
        {
            const bool isAlive = (!isReady(link->client) || pass(*link, link->client, link->server)) &&
                                 (!isReady(link->server) || pass(*link, link->server, link->client));
            if (!isAlive) end(*link, false);
            link = isAlive ? std::next(link) : _links.erase(link);
        }
    }
}

void TcpRelay::acceptOne()
{
    const int client = accept4(_listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    ++_accepted;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(_serverPort);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    {
        _links.push_back({client, server, _swallowNew});
        return;
    }
    ::close(client);
    ::close(server);
}

bool TcpRelay::pass(Link& link, int from, int to)
{
    char bytes[16384];
    const ssize_t count = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return true;
    if (count <= 0) return false;
    if (link.isSwallowing)
    {
        if (from == link.client) _swallowed += static_cast<std::size_t>(count);
        return true;
    }
    for (ssize_t sent = 0; sent < count;)
    {
        const ssize_t now = send(to, bytes + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
        if (now <= 0) return false;
        sent += now;
    }
    return true;
}

} // namespace carillon::tests
