#pragma once

#include "http/Session.h"

#include <optional>

namespace carillon::fakefcm
{

/// HTTP/1.1 (and 1.0): keep-alive, pipelining in order, content-length and chunked bodies, `Expect: 100-continue`.
class Http1Session final : public Session
{
public:
    /// `site` and `host` outlive the session.
    Http1Session(Site& site, SessionHost& host, const SessionLimits& limits, std::uint64_t connection);
    ~Http1Session() override;

    void receive(std::string_view bytes) override;
    void produce(std::string& out, std::size_t enough) override;
    End end() const override { return _end; }
    EventLoop::Clock::time_point deadline() const override;
    void onDeadline() override;

private:
    enum class Phase
    {
        Head,
        Body, ///< `_bodyLeft` bytes follow
        ChunkHead,
        ChunkBody, ///< `_bodyLeft` bytes, then CRLF
        Trailer,
        Answering ///< the answer is delayed; what follows waits
    };

    void parse();
    bool parseHead();
    bool parseRequestLine(std::string_view line);
    bool parseHeaderLine(std::string_view line);
    bool chooseBody();
    bool parseBody();
    bool parseChunkHead();
    bool parseChunkBody();
    bool parseTrailer();
    std::optional<std::string_view> takeLine(std::size_t limit);
    void dispatch();
    void refuse(int status);
    void emit(const Answer& answer);

    Site& _site;
    SessionHost& _host;
    const SessionLimits& _limits;
    std::uint64_t _connection;

    Phase _phase = Phase::Head;
    End _end = End::Open;
    std::string _in;
    std::size_t _parsed = 0;  ///< of `_in`
    std::size_t _scanned = 0; ///< of `_in`: no line end before it
    std::string _out;
    Request _request;
    std::size_t _headBytes = 0;
    std::size_t _bodyLeft = 0;
    bool _keepAlive = true;
    bool _requestStarted = false;
    EventLoop::Clock::time_point _since; ///< start of the request in progress, or end of the last one
    EventLoop::TimerId _answerTimer = 0;
    EventLoop::Clock::time_point _answerAt{};
};

} // namespace carillon::fakefcm
