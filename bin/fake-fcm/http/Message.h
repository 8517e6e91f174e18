#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::fakefcm
{

/// One request, whole, whatever HTTP version it came by.
struct Request
{
    std::string method;
    std::string path;                                         ///< percent-decoded, without the query
    std::string query;                                        ///< raw, without '?'
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;
    std::string_view protocol; ///< "h2" or "http/1.1"; a literal
    std::uint64_t connection = 0;
    std::int32_t stream = 0; ///< 0 on HTTP/1.1

    /// The first header of that name (lower case), or empty.
    std::string_view header(std::string_view name) const
    {
        for (const auto& [key, value] : headers)
        {
            if (key == name) return value;
        }
        return {};
    }
};

/// What happens to the connection instead of, or after, the answer.
enum class Interruption
{
    None,
    ResetStream,     ///< no answer: RST_STREAM; on HTTP/1.1 the connection is reset
    ResetConnection, ///< no answer: the TCP connection is reset
    GoAwayUnread,    ///< no answer: GOAWAY that names an earlier stream as the last one; on HTTP/1.1 the connection is closed
    GoAwayAfter      ///< the answer, then GOAWAY; on HTTP/1.1 `connection: close`
};

/// What the server gives back.
struct Answer
{
    int status = 200;
    std::string contentType = "application/json; charset=UTF-8";
    std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
    std::string body;

    std::chrono::milliseconds delay{0};
    std::optional<std::size_t> cutAfterBytes; ///< of the body; then the connection ends without a goodbye
    Interruption interruption = Interruption::None;
};

/// Answers requests. Called on the loop's thread; must not block.
class Site
{
public:
    virtual ~Site() = default;
    virtual Answer answer(const Request& request) = 0;
};

/// What a session accepts from its peer, and how it defends itself.
struct SessionLimits
{
    std::size_t maxHeaderBytes = 32 * 1024;
    std::size_t maxBodyBytes = 64 * 1024;

    /// A request that is not whole after this time ends its connection (HTTP/1.1) or stream (HTTP/2).
    std::chrono::milliseconds requestTimeout{10000};

    /// A connection without a request in progress is closed after this time.
    std::chrono::milliseconds idleTimeout{240000};

    /// Streams one HTTP/2 connection may have open.
    std::uint32_t maxConcurrentStreams = 100;

    /// Above that: GOAWAY "exceeded_max_concurrent_streams" as FCM does, instead of refusing the stream alone.
    bool goAwayOnExcessStreams = false;
};

} // namespace carillon::fakefcm
