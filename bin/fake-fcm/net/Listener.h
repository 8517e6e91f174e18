#pragma once

#include "http/Message.h"
#include "net/Connection.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace carillon::fakefcm
{

/// A listening socket and the connections that came through it. All of them end with it.
class Listener final : public EventHandler
{
public:
    /// Listens on `address` (an IP literal) and `port`; 0 lets the system choose. `tls` may be null: plain HTTP/1.1.
    /// `loop`, `tls`, `site` and `limits` outlive the listener. Throws std::runtime_error that names the address when it cannot be had.
    Listener(EventLoop& loop, const std::string& address, std::uint16_t port, SSL_CTX* tls, Site& site, const SessionLimits& limits);
    ~Listener() override;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const { return _port; }
    std::size_t openConnections() const { return _connections.size(); }
    std::uint64_t acceptedConnections() const { return _accepted; }

    void onReady(std::uint32_t events) override;

private:
    void adopt(int fd);
    void pause();

    EventLoop& _loop;
    int _fd = -1;
    std::uint16_t _port = 0;
    SSL_CTX* _tls;
    Site& _site;
    const SessionLimits& _limits;
    std::uint64_t _accepted = 0;
    EventLoop::TimerId _pauseTimer = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> _connections;
};

} // namespace carillon::fakefcm
