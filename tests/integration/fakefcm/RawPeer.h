#pragma once

#include "support/fakefcm/FakeFcm.h"

#include <openssl/types.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace carillon::tests
{

/// A peer that sends the bytes it is told to, over TLS or plain TCP, and keeps to no protocol by itself.
class RawPeer
{
public:
    struct Frame
    {
        std::uint8_t type = 0;
        std::uint8_t flags = 0;
        std::uint32_t stream = 0;
        std::string payload;
    };

    /// Connects to the TLS port and shakes hands with that ALPN name (none when empty).
    RawPeer(const FakeFcm& fake, const std::string& alpn);

    /// Connects to a URL's port without TLS.
    explicit RawPeer(const std::string& url);
    ~RawPeer();
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    /// Sends all, or as much as the server takes before it hangs up.
    void write(const std::string& bytes);

    /// What the server sends until it closes or `limit` has passed.
    std::string readAll(std::chrono::milliseconds limit);

    /// Until `text` was received; false when it did not come within `limit`.
    bool waitFor(const std::string& text, std::chrono::milliseconds limit);

    /// Whether the server ends the connection within `limit`.
    bool waitForEnd(std::chrono::milliseconds limit);

    /// The next HTTP/2 frame of that type; others are skipped. Nothing when the connection ends or after 10 s.
    std::optional<Frame> readFrame(std::uint8_t type);

    /// Ends our side without TLS's goodbye.
    void hangUp();

    /// The connection preface with empty settings.
    static std::string http2Preface();
    static std::string http2Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, const std::string& payload);

    /// HEADERS of a request that goes on (no END_STREAM), with literal fields.
    static std::string http2Headers(std::uint32_t stream, const std::string& method, const std::string& path);

private:
    /// Appends what is there to _received; false at the end or when nothing comes before `deadline`.
    bool receive(std::chrono::steady_clock::time_point deadline);
    bool mustWait(ssize_t result) const;

    int _fd = -1;
    bool _ended = false;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> _context;
    std::unique_ptr<SSL, void (*)(SSL*)> _tls;
    std::string _received;
};

} // namespace carillon::tests
