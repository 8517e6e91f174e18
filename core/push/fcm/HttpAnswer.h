#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::push::fcm
{

/// Why an exchange has no whole answer.
enum class TransportProblem
{
    Resolve,     ///< the host's name has no address
    Connect,     ///< nobody answers there
    Tls,         ///< the handshake failed
    Untrusted,   ///< the server's certificate is not by one of those we trust
    Timeout,     ///< longer than one request may take
    Deadline,    ///< longer than the caller may wait
    Unprocessed, ///< the server said that it did not look at the request (GOAWAY, REFUSED_STREAM)
    Lost,        ///< the connection died
    TooLarge,    ///< the answer is larger than we read
    Stopping     ///< this client is going away
};

/// Our short code: `timeout`, `connection_lost`, …
std::string_view toString(TransportProblem problem);

/// What came back for one POST.
struct HttpAnswer
{
    /// 0 when no status line came.
    int status = 0;
    /// At most `maxBody` bytes.
    std::string body;
    std::string retryAfter;
    /// Unset: the answer is whole.
    std::optional<TransportProblem> problem;
    /// The whole request was given to the connection: the server may have it. False: it certainly cannot have acted on it.
    bool mayBeProcessed = false;
    /// From its start on a stream; zero when it never started.
    std::chrono::microseconds duration{0};

    static constexpr std::size_t maxBody = 64 * 1024;
};

} // namespace carillon::push::fcm
