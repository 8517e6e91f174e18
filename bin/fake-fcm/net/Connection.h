#pragma once

#include "http/Session.h"
#include "net/EventLoop.h"

#include <openssl/types.h>

#include <functional>
#include <memory>
#include <string>

namespace carillon::fakefcm
{

/// One accepted socket, with TLS or without, that moves bytes between the kernel and a Session.
class Connection final : public EventHandler, public SessionHost
{
public:
    /// Makes the session once it is known which protocol the peer speaks: ALPN's name, empty without ALPN or without TLS.
    using MakeSession = std::function<std::unique_ptr<Session>(SessionHost&, std::string_view alpn)>;

    /// Called once, when the connection is over; the owner gives the connection to EventLoop::buryLater.
    using OnClosed = std::function<void()>;

    /// Owns `fd` (non-blocking) from here on. `tls` may be null: then bytes go as they are.
    Connection(EventLoop& loop, int fd, SSL_CTX* tls, std::chrono::milliseconds handshakeTimeout, MakeSession makeSession,
               OnClosed onClosed);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void onReady(std::uint32_t events) override;

    EventLoop& loop() override { return _loop; }
    void wake() override;

private:
    enum class Step
    {
        Done,    ///< goes on
        Blocked, ///< wants the socket to be ready first
        Over     ///< the peer or an error ended it
    };

    void advance();
    Step handshake();
    Step readSome();
    Step flush();
    Step failed(int result);
    void armTimer();
    void updateInterest();
    void end(Session::End how);
    void linger();
    void drain();
    void close();

    EventLoop& _loop;
    int _fd;
    std::unique_ptr<SSL, void (*)(SSL*)> _tls;
    MakeSession _makeSession;
    OnClosed _onClosed;
    std::unique_ptr<Session> _session;
    std::string _out;
    std::size_t _sent = 0;
    std::uint32_t _interest;
    bool _readWantsWrite = false;
    bool _writeWantsRead = false;
    bool _inAdvance = false;
    bool _lingering = false;
    bool _closed = false;
    EventLoop::Clock::time_point _handshakeDeadline;
    EventLoop::TimerId _timer = 0;
    EventLoop::Clock::time_point _timerAt{};
};

} // namespace carillon::fakefcm
