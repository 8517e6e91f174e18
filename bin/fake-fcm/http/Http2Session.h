#pragma once

#include "http/Session.h"

#include <nghttp2/nghttp2.h>

#include <memory>
#include <unordered_map>

namespace carillon::fakefcm
{

/// HTTP/2 by nghttp2, one request a stream.
///
/// The number of open streams is policed here, not by nghttp2, because nghttp2 knows only one way to refuse and FCM's is another.
class Http2Session final : public Session
{
public:
    /// `site` and `host` outlive the session.
    Http2Session(Site& site, SessionHost& host, const SessionLimits& limits, std::uint64_t connection);
    ~Http2Session() override;

    void receive(std::string_view bytes) override;
    void produce(std::string& out, std::size_t enough) override;
    End end() const override { return _end; }
    EventLoop::Clock::time_point deadline() const override;
    void onDeadline() override;

private:
    struct Stream
    {
        Request request;
        std::size_t headerBytes = 0;
        bool tooLarge = false;
        bool dispatched = false;
        bool answering = false;
        EventLoop::Clock::time_point started; ///< of the request, later of the answer
        Answer answer;
        std::size_t sent = 0;
        EventLoop::TimerId timer = 0;
    };

    void prepareSettings();
    int beginHeaders(const nghttp2_frame& frame);
    int takeHeader(const nghttp2_frame& frame, std::string_view name, std::string_view value);
    int takeData(std::int32_t id, std::string_view bytes);
    int endOfRequest(std::int32_t id);
    int streamClosed(std::int32_t id);
    ssize_t readBody(std::int32_t id, std::uint8_t* buffer, std::size_t length, std::uint32_t* flags);
    void dispatch(std::int32_t id, Stream& stream);
    void respond(std::int32_t id, Stream& stream);
    void refuseUnread(std::int32_t id);
    Stream* find(std::int32_t id);

    static nghttp2_session_callbacks* callbacks();

    Site& _site;
    SessionHost& _host;
    const SessionLimits& _limits;
    std::uint64_t _connection;
    std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> _session;
    std::unordered_map<std::int32_t, Stream> _streams;
    std::int32_t _lastProcessed = 0;
    bool _goingAway = false;
    End _end = End::Open;
    std::string _settings; ///< our first frame, until it is sent
    EventLoop::Clock::time_point _idleSince;
};

} // namespace carillon::fakefcm
