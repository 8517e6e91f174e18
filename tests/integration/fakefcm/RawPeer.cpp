#include "integration/fakefcm/RawPeer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace carillon::tests
{

namespace
{

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int connectedSocket(const std::string& url)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), "connect to " + url);
    return fd;
}

void stopBlocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

std::string bigEndian(std::uint32_t value, int bytes)
{
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>((value >> shift) & 0xFF);
    return text;
}

std::uint32_t fromBigEndian(const std::string& text, std::size_t at, std::size_t bytes)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = (value << 8) | static_cast<std::uint8_t>(text[at + i]);
    return value;
}

/// A literal header field without indexing, new name (RFC 7541, 6.2.2), without Huffman coding.
std::string literalField(const std::string& name, const std::string& value)
{
    return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) + value;
}

} // namespace

RawPeer::RawPeer(const std::string& url) : _fd(connectedSocket(url)), _context(nullptr, SSL_CTX_free), _tls(nullptr, SSL_free)
{
    stopBlocking(_fd);
}

RawPeer::RawPeer(const FakeFcm& fake, const std::string& alpn) : RawPeer(fake.endpoint())
{
    _context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_load_verify_locations(_context.get(), fake.caFile().c_str(), nullptr);
    SSL_CTX_set_verify(_context.get(), SSL_VERIFY_PEER, nullptr);
    _tls.reset(SSL_new(_context.get()));
    if (!alpn.empty())
    {
        const std::string list = static_cast<char>(alpn.size()) + alpn;
        SSL_set_alpn_protos(_tls.get(), reinterpret_cast<const unsigned char*>(list.data()), static_cast<unsigned>(list.size()));
    }
    SSL_set_fd(_tls.get(), _fd);
    SSL_set_mode(_tls.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    for (int result = 0; (result = SSL_connect(_tls.get())) != 1;)
    {
        pollfd ready{_fd, POLLIN, 0};
        if (!mustWait(result) || poll(&ready, 1, 10000) <= 0) throw std::runtime_error("no TLS handshake");
    }
}

RawPeer::~RawPeer() { close(_fd); }

void RawPeer::write(const std::string& bytes)
{
    const auto deadline = steady_clock::now() + std::chrono::seconds(10);
    std::size_t sent = 0;
    while (sent < bytes.size() && steady_clock::now() < deadline)
    {
        ERR_clear_error();
        const ssize_t count = _tls ? SSL_write(_tls.get(), bytes.data() + sent, static_cast<int>(bytes.size() - sent))
                                   : send(_fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count > 0)
            sent += static_cast<std::size_t>(count);
        else if (!mustWait(count))
            return;
        else
        {
            pollfd writable{_fd, POLLOUT, 0};
            poll(&writable, 1, 100);
        }
    }
}

bool RawPeer::mustWait(ssize_t result) const
{
    if (!_tls) return result < 0 && errno == EAGAIN;
    const int reason = SSL_get_error(_tls.get(), static_cast<int>(result));
    return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE;
}

bool RawPeer::receive(steady_clock::time_point deadline)
{
    std::array<char, 16384> buffer{};
    while (!_ended)
    {
        ERR_clear_error();
        const ssize_t count =
            _tls ? SSL_read(_tls.get(), buffer.data(), static_cast<int>(buffer.size())) : recv(_fd, buffer.data(), buffer.size(), 0);
        if (count > 0)
        {
            _received.append(buffer.data(), static_cast<std::size_t>(count));
            return true;
        }
        if (!mustWait(count))
        {
            _ended = true;
            return false;
        }
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
        pollfd readable{_fd, POLLIN, 0};
        if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) <= 0) return false;
    }
    return false;
}

std::string RawPeer::readAll(milliseconds limit)
{
    const auto deadline = steady_clock::now() + limit;
    while (receive(deadline))
    {
    }
    return std::move(_received);
}

bool RawPeer::waitFor(const std::string& text, milliseconds limit)
{
    const auto deadline = steady_clock::now() + limit;
    while (_received.find(text) == std::string::npos)
    {
        if (!receive(deadline)) return false;
    }
    return true;
}

bool RawPeer::waitForEnd(milliseconds limit)
{
    const auto deadline = steady_clock::now() + limit;
    while (receive(deadline))
    {
    }
    return _ended;
}

std::optional<RawPeer::Frame> RawPeer::readFrame(std::uint8_t type)
{
    const auto deadline = steady_clock::now() + std::chrono::seconds(10);
    while (true)
    {
        while (_received.size() < 9 || _received.size() < 9 + fromBigEndian(_received, 0, 3))
        {
            if (!receive(deadline)) return std::nullopt;
        }
        const std::size_t size = fromBigEndian(_received, 0, 3);
        Frame frame{static_cast<std::uint8_t>(_received[3]), static_cast<std::uint8_t>(_received[4]),
                    fromBigEndian(_received, 5, 4) & 0x7FFFFFFFU, _received.substr(9, size)};
        _received.erase(0, 9 + size);
        if (frame.type == type) return frame;
    }
}

void RawPeer::hangUp() { shutdown(_fd, SHUT_WR); }

std::string RawPeer::http2Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, const std::string& payload)
{
    return bigEndian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) + static_cast<char>(flags) +
           bigEndian(stream, 4) + payload;
}

std::string RawPeer::http2Preface() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2Frame(4, 0, 0, {}); }

std::string RawPeer::http2Headers(std::uint32_t stream, const std::string& method, const std::string& path)
{
    constexpr std::uint8_t endHeaders = 4;
    return http2Frame(1, endHeaders, stream,
                      literalField(":method", method) + literalField(":scheme", "https") + literalField(":path", path) +
                          literalField(":authority", "localhost"));
}

} // namespace carillon::tests
