#include "net/Connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace carillon::fakefcm
{

namespace
{

constexpr std::size_t outputHighWater = 64 * 1024;

/// Reads in one turn at most this often, so that one busy peer does not starve the others.
constexpr int readsPerTurn = 8;

/// How long a peer that still sends is heard after our last word: closing with unread input resets the connection, and the
/// reset would overtake that word (a 413, for example).
constexpr std::chrono::seconds lingerTime{2};

void resetOnClose(int fd)
{
    const linger immediately{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &immediately, sizeof immediately);
}

} // namespace

Connection::Connection(EventLoop& loop, int fd, SSL_CTX* tls, std::chrono::milliseconds handshakeTimeout, MakeSession makeSession,
                       OnClosed onClosed)
    : _loop(loop),
      _fd(fd),
      _tls(nullptr, SSL_free),
      _makeSession(std::move(makeSession)),
      _onClosed(std::move(onClosed)),
      _interest(EPOLLIN),
      _handshakeDeadline(EventLoop::Clock::now() + handshakeTimeout)
{
    if (tls != nullptr)
    {
        _tls.reset(SSL_new(tls));
        SSL_set_fd(_tls.get(), fd);
        SSL_set_accept_state(_tls.get());
    }
    else
    {
        _session = _makeSession(*this, {});
    }
    _loop.watch(_fd, _interest, *this);
    armTimer();
}

Connection::~Connection()
{
    if (!_closed)
    {
        _loop.cancel(_timer);
        _loop.forget(_fd);
        ::close(_fd);
    }
}

void Connection::onReady(std::uint32_t)
{
    if (_closed) return;
    if (_lingering) return drain();
    advance();
}

void Connection::wake()
{
    // Inside advance() the flush comes anyway.
    if (!_closed && !_lingering && !_inAdvance) advance();
}

void Connection::advance()
{
    _inAdvance = true;
    Step step = _session ? Step::Done : handshake();
    for (int turn = 0; step == Step::Done && turn < readsPerTurn && _session->end() == Session::End::Open; ++turn) step = readSome();

    // A peer that is gone may still have left requests whose answers the session owes to nobody.
    Session::End how = step == Step::Over ? Session::End::Reset : Session::End::Open;
    if (how == Session::End::Open && _session)
    {
        const Step flushed = _session->end() == Session::End::Reset ? Step::Over : flush();
        if (flushed == Step::Over) how = Session::End::Reset;
        if (flushed == Step::Done) how = _session->end();
    }
    _inAdvance = false;

    if (how != Session::End::Open) return end(how);
    updateInterest();
    armTimer();
}

Connection::Step Connection::handshake()
{
    ERR_clear_error();
    const int result = SSL_accept(_tls.get());
    if (result != 1)
    {
        const int reason = SSL_get_error(_tls.get(), result);
        _readWantsWrite = reason == SSL_ERROR_WANT_WRITE;
        return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? Step::Blocked : Step::Over;
    }
    _readWantsWrite = false;
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(_tls.get(), &name, &length);
    _session = _makeSession(*this, {reinterpret_cast<const char*>(name), length});
    return Step::Done;
}

Connection::Step Connection::readSome()
{
    std::array<char, 16 * 1024> buffer;
    if (!_tls)
    {
        const ssize_t count = recv(_fd, buffer.data(), buffer.size(), 0);
        if (count == 0) return Step::Over;
        if (count < 0) return errno == EAGAIN || errno == EINTR ? Step::Blocked : Step::Over;
        _session->receive({buffer.data(), static_cast<std::size_t>(count)});
        return Step::Done;
    }
    ERR_clear_error();
    _readWantsWrite = false;
    const int count = SSL_read(_tls.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count <= 0)
    {
        const int reason = SSL_get_error(_tls.get(), count);
        _readWantsWrite = reason == SSL_ERROR_WANT_WRITE;
        return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? Step::Blocked : Step::Over;
    }
    _session->receive({buffer.data(), static_cast<std::size_t>(count)});
    return Step::Done;
}

Connection::Step Connection::flush()
{
    _writeWantsRead = false;
    while (true)
    {
        if (_sent == _out.size())
        {
            _out.clear();
            _sent = 0;
            _session->produce(_out, outputHighWater);
            if (_out.empty()) return Step::Done;
        }
        const std::size_t left = _out.size() - _sent;
        ssize_t count = 0;
        if (_tls)
        {
            ERR_clear_error();
            count = SSL_write(_tls.get(), _out.data() + _sent, static_cast<int>(left));
            if (count <= 0)
            {
                const int reason = SSL_get_error(_tls.get(), static_cast<int>(count));
                _writeWantsRead = reason == SSL_ERROR_WANT_READ;
                return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? Step::Blocked : Step::Over;
            }
        }
        else
        {
            count = send(_fd, _out.data() + _sent, left, MSG_NOSIGNAL);
            if (count < 0) return errno == EAGAIN || errno == EINTR ? Step::Blocked : Step::Over;
        }
        _sent += static_cast<std::size_t>(count);
    }
}

void Connection::updateInterest()
{
    const bool unsent = _sent < _out.size();
    // What cannot be written must not be read either: a peer that never reads its answers would fill our memory.
    std::uint32_t interest = unsent && !_writeWantsRead ? 0U : std::uint32_t{EPOLLIN};
    if ((unsent && !_writeWantsRead) || _readWantsWrite) interest |= EPOLLOUT;
    if (interest == _interest) return;
    _loop.change(_fd, interest, *this);
    _interest = interest;
}

void Connection::armTimer()
{
    const auto when = _session ? _session->deadline() : _handshakeDeadline;
    // Deadlines mostly move away; the timer is left where it is and looks again when it fires.
    if (_timer != 0 && _timerAt <= when) return;
    _loop.cancel(_timer);
    _timerAt = when;
    _timer = _loop.at(when,
                      [this]
                      {
                          _timer = 0;
                          if (!_session) return end(Session::End::Reset);
                          if (EventLoop::Clock::now() >= _session->deadline())
                          {
                              // With output that the peer does not take, an orderly end would wait for it for ever.
                              if (_sent < _out.size()) return end(Session::End::Reset);
                              _session->onDeadline();
                          }
                          advance();
                      });
}

void Connection::end(Session::End how)
{
    if (how == Session::End::Close) return linger();
    if (how == Session::End::Reset) resetOnClose(_fd);
    close();
}

void Connection::linger()
{
    _lingering = true;
    _session.reset();
    if (_tls) SSL_shutdown(_tls.get());
    shutdown(_fd, SHUT_WR);
    _loop.cancel(_timer);
    _timer = _loop.at(EventLoop::Clock::now() + lingerTime, [this] { close(); });
    _loop.change(_fd, EPOLLIN, *this);
    drain();
}

void Connection::drain()
{
    std::array<char, 16 * 1024> ignored;
    for (int turn = 0; turn < readsPerTurn; ++turn)
    {
        const ssize_t count = recv(_fd, ignored.data(), ignored.size(), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) return close();
    }
}

void Connection::close()
{
    if (_closed) return;
    _closed = true;
    _loop.cancel(_timer);
    _loop.forget(_fd);
    _session.reset();
    ::close(_fd);
    _onClosed();
}

} // namespace carillon::fakefcm
