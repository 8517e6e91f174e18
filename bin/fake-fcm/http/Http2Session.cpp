#include "http/Http2Session.h"

#include "http/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

namespace carillon::fakefcm
{

namespace
{

/// How far a connection's peer may send ahead; streams keep the protocol's 64 KiB, which is our limit for a body.
constexpr std::int32_t connectionWindow = 1024 * 1024;

constexpr std::size_t frameHeaderBytes = 9;

Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }

std::string_view view(const std::uint8_t* bytes, std::size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

nghttp2_nv header(std::string_view name, std::string_view value)
{
    // nghttp2 copies both; its struct is not const-correct.
    return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
            reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

} // namespace

nghttp2_session_callbacks* Http2Session::callbacks()
{
    static const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)> shared = []
    {
        nghttp2_session_callbacks* made = nullptr;
        if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
        nghttp2_session_callbacks_set_on_begin_headers_callback(made, [](nghttp2_session*, const nghttp2_frame* frame, void* user)
                                                                { return self(user).beginHeaders(*frame); });
        nghttp2_session_callbacks_set_on_header_callback(
            made, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t nameSize,
                     const std::uint8_t* value, std::size_t valueSize, std::uint8_t, void* user)
            { return self(user).takeHeader(*frame, view(name, nameSize), view(value, valueSize)); });
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            made, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data, std::size_t size, void* user)
            { return self(user).takeData(id, view(data, size)); });
        nghttp2_session_callbacks_set_on_frame_recv_callback(made,
                                                             [](nghttp2_session*, const nghttp2_frame* frame, void* user)
                                                             {
                                                                 const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
                                                                 const bool carries =
                                                                     frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
                                                                 return ends && carries ? self(user).endOfRequest(frame->hd.stream_id) : 0;
                                                             });
        nghttp2_session_callbacks_set_on_stream_close_callback(made, [](nghttp2_session*, std::int32_t id, std::uint32_t, void* user)
                                                               { return self(user).streamClosed(id); });
        return std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)>(made, nghttp2_session_callbacks_del);
    }();
    return shared.get();
}

Http2Session::Http2Session(Site& site, SessionHost& host, const SessionLimits& limits, std::uint64_t connection)
    : _site(site),
      _host(host),
      _limits(limits),
      _connection(connection),
      _session(nullptr, nghttp2_session_del),
      _idleSince(EventLoop::Clock::now())
{
    nghttp2_session* made = nullptr;
    if (nghttp2_session_server_new(&made, callbacks(), this) != 0) throw std::bad_alloc();
    _session.reset(made);
    prepareSettings();
}

Http2Session::~Http2Session()
{
    for (const auto& [id, stream] : _streams) _host.loop().cancel(stream.timer);
}

void Http2Session::prepareSettings()
{
    // nghttp2 ends a connection that opens a stream too many, with its own words, as soon as it knows of a limit. So it is told of none:
    // it makes an empty SETTINGS frame and waits for its acknowledgement, and the peer is sent the frame with the limits in its place.
    nghttp2_submit_settings(_session.get(), NGHTTP2_FLAG_NONE, nullptr, 0);
    nghttp2_session_set_local_window_size(_session.get(), NGHTTP2_FLAG_NONE, 0, connectionWindow);

    const std::array<nghttp2_settings_entry, 2> entries{
        {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, _limits.maxConcurrentStreams},
         {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(_limits.maxHeaderBytes)}}};
    std::array<std::uint8_t, entries.size() * 6> payload{};
    nghttp2_pack_settings_payload(payload.data(), payload.size(), entries.data(), entries.size());
    _settings = {'\0', '\0', static_cast<char>(payload.size()), static_cast<char>(NGHTTP2_SETTINGS), '\0', '\0', '\0', '\0', '\0'};
    _settings.append(payload.begin(), payload.end());
}

void Http2Session::receive(std::string_view bytes)
{
    if (_end != End::Open) return;
    const ssize_t count = nghttp2_session_mem_recv(_session.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    // A peer that breaks the protocol gets nghttp2's GOAWAY; one that does not speak it at all gets nothing.
    if (count < 0) _end = count == NGHTTP2_ERR_BAD_CLIENT_MAGIC ? End::Reset : End::Close;
}

void Http2Session::produce(std::string& out, std::size_t enough)
{
    while (out.size() < enough && _end != End::Cut && _end != End::Reset)
    {
        const std::uint8_t* bytes = nullptr;
        const ssize_t size = nghttp2_session_mem_send(_session.get(), &bytes);
        if (size < 0) _end = End::Reset;
        if (size <= 0) break;
        if (!_settings.empty())
        {
            if (static_cast<std::size_t>(size) != frameHeaderBytes || bytes[3] != NGHTTP2_SETTINGS)
                throw std::logic_error("nghttp2's first frame is not the empty SETTINGS frame");
            out += std::exchange(_settings, {});
            continue;
        }
        out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    if (_end == End::Open && out.empty() && nghttp2_session_want_read(_session.get()) == 0 &&
        nghttp2_session_want_write(_session.get()) == 0)
        _end = End::Close;
}

int Http2Session::beginHeaders(const nghttp2_frame& frame)
{
    if (frame.hd.type != NGHTTP2_HEADERS || frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    const std::int32_t id = frame.hd.stream_id;
    if (_streams.size() >= _limits.maxConcurrentStreams)
    {
        if (!_limits.goAwayOnExcessStreams) return nghttp2_submit_rst_stream(_session.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
        constexpr std::string_view words = "exceeded_max_concurrent_streams";
        _goingAway = true;
        return nghttp2_submit_goaway(_session.get(), NGHTTP2_FLAG_NONE, _lastProcessed, NGHTTP2_PROTOCOL_ERROR,
                                     reinterpret_cast<const std::uint8_t*>(words.data()), words.size());
    }
    Stream& stream = _streams[id];
    stream.started = EventLoop::Clock::now();
    stream.request.protocol = "h2";
    stream.request.connection = _connection;
    stream.request.stream = id;
    return 0;
}

int Http2Session::takeHeader(const nghttp2_frame& frame, std::string_view name, std::string_view value)
{
    Stream* stream = find(frame.hd.stream_id);
    if (stream == nullptr) return 0;
    stream->headerBytes += name.size() + value.size() + 32; // RFC 9113, 6.5.2: how a header list's size is counted
    if (stream->headerBytes > _limits.maxHeaderBytes) stream->tooLarge = true;
    if (stream->tooLarge) return 0;

    Request& request = stream->request;
    if (name == ":method")
        request.method = value;
    else if (name == ":path")
    {
        const std::size_t question = value.find('?');
        request.path = percentDecoded(value.substr(0, question)).value_or(std::string());
        if (question != std::string_view::npos) request.query = value.substr(question + 1);
    }
    else if (!name.starts_with(':'))
        request.headers.emplace_back(name, value);
    return 0;
}

int Http2Session::takeData(std::int32_t id, std::string_view bytes)
{
    Stream* stream = find(id);
    if (stream == nullptr || stream->tooLarge) return 0;
    if (stream->request.body.size() + bytes.size() > _limits.maxBodyBytes)
    {
        stream->tooLarge = true;
        stream->request.body.clear();
        // Said at once: the rest of the body may never come.
        dispatch(id, *stream);
        return 0;
    }
    stream->request.body.append(bytes);
    return 0;
}

int Http2Session::endOfRequest(std::int32_t id)
{
    Stream* stream = find(id);
    if (stream != nullptr && !stream->dispatched) dispatch(id, *stream);
    return 0;
}

void Http2Session::dispatch(std::int32_t id, Stream& stream)
{
    stream.dispatched = true;
    if (stream.tooLarge)
    {
        stream.answer.status = 413;
        stream.answer.contentType = "text/html; charset=UTF-8";
        stream.answer.body = htmlErrorPage(413);
    }
    else
    {
        stream.answer = _site.answer(stream.request);
    }

    if (stream.answer.interruption != Interruption::GoAwayUnread) _lastProcessed = std::max(_lastProcessed, id);
    if (stream.answer.delay.count() <= 0) return respond(id, stream);
    stream.timer = _host.loop().at(EventLoop::Clock::now() + stream.answer.delay,
                                   [this, id]
                                   {
                                       Stream* waiting = find(id);
                                       if (waiting == nullptr) return;
                                       waiting->timer = 0;
                                       respond(id, *waiting);
                                       _host.wake();
                                   });
}

void Http2Session::respond(std::int32_t id, Stream& stream)
{
    stream.answering = true;
    stream.started = EventLoop::Clock::now();
    const Answer& answer = stream.answer;
    switch (answer.interruption)
    {
    case Interruption::ResetStream: nghttp2_submit_rst_stream(_session.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR); return;
    case Interruption::ResetConnection: _end = End::Reset; return;
    case Interruption::GoAwayUnread: refuseUnread(id); return;
    case Interruption::GoAwayAfter:
    case Interruption::None: break;
    }

    const std::string status = fmt::format("{}", answer.status);
    const std::string length = fmt::format("{}", answer.body.size());
    const std::string date = httpDate(std::chrono::system_clock::now());
    std::vector<nghttp2_nv> headers{header(":status", status), header("date", date), header("content-type", answer.contentType),
                                    header("content-length", length)};
    for (const auto& [name, value] : answer.headers) headers.push_back(header(name, value));

    nghttp2_data_provider body{};
    body.read_callback = [](nghttp2_session*, std::int32_t stream_id, std::uint8_t* buffer, std::size_t room, std::uint32_t* flags,
                            nghttp2_data_source*, void* user) { return self(user).readBody(stream_id, buffer, room, flags); };
    const bool bodiless = (answer.body.empty() && !answer.cutAfterBytes) || stream.request.method == "HEAD";
    nghttp2_submit_response(_session.get(), id, headers.data(), headers.size(), bodiless ? nullptr : &body);

    if (answer.interruption == Interruption::GoAwayAfter && !std::exchange(_goingAway, true))
        nghttp2_submit_goaway(_session.get(), NGHTTP2_FLAG_NONE, _lastProcessed, NGHTTP2_NO_ERROR, nullptr, 0);
}

void Http2Session::refuseUnread(std::int32_t id)
{
    // When a later stream was processed already, GOAWAY cannot say that this one was not; RST_STREAM can (RFC 9113, 8.7).
    if (_lastProcessed > id) nghttp2_submit_rst_stream(_session.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    _goingAway = true;
    nghttp2_submit_goaway(_session.get(), NGHTTP2_FLAG_NONE, _lastProcessed, NGHTTP2_NO_ERROR, nullptr, 0);
}

ssize_t Http2Session::readBody(std::int32_t id, std::uint8_t* buffer, std::size_t room, std::uint32_t* flags)
{
    Stream* stream = find(id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const Answer& answer = stream->answer;
    const std::size_t whole = std::min(answer.body.size(), answer.cutAfterBytes.value_or(answer.body.size()));
    const std::size_t count = std::min(room, whole - stream->sent);
    if (answer.cutAfterBytes && count == 0)
    {
        // All that precedes is in the output by now, nothing that follows will be.
        _end = End::Cut;
        return NGHTTP2_ERR_DEFERRED;
    }
    std::memcpy(buffer, answer.body.data() + stream->sent, count);
    stream->sent += count;
    if (stream->sent == whole && !answer.cutAfterBytes) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
}

int Http2Session::streamClosed(std::int32_t id)
{
    const auto found = _streams.find(id);
    if (found == _streams.end()) return 0;
    _host.loop().cancel(found->second.timer);
    _streams.erase(found);
    if (_streams.empty()) _idleSince = EventLoop::Clock::now();
    return 0;
}

Http2Session::Stream* Http2Session::find(std::int32_t id)
{
    const auto found = _streams.find(id);
    return found == _streams.end() ? nullptr : &found->second;
}

EventLoop::Clock::time_point Http2Session::deadline() const
{
    if (_streams.empty()) return _idleSince + _limits.idleTimeout;
    // At most maxConcurrentStreams are looked at, and only when the timer is set anew.
    auto earliest = EventLoop::Clock::now() + _limits.idleTimeout;
    for (const auto& [id, stream] : _streams)
    {
        if (!stream.dispatched) earliest = std::min(earliest, stream.started + _limits.requestTimeout);
        // An answer that the peer leaves no room for.
        if (stream.answering) earliest = std::min(earliest, stream.started + _limits.idleTimeout);
    }
    return earliest;
}

void Http2Session::onDeadline()
{
    const auto now = EventLoop::Clock::now();
    if (_streams.empty())
    {
        constexpr std::string_view words = "session_timed_out";
        nghttp2_submit_goaway(_session.get(), NGHTTP2_FLAG_NONE, _lastProcessed, NGHTTP2_NO_ERROR,
                              reinterpret_cast<const std::uint8_t*>(words.data()), words.size());
        _idleSince = now;
        return;
    }
    for (const auto& [id, stream] : _streams)
    {
        const bool slowRequest = !stream.dispatched && stream.started + _limits.requestTimeout <= now;
        if (slowRequest || (stream.answering && stream.started + _limits.idleTimeout <= now))
            nghttp2_submit_rst_stream(_session.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    }
}

} // namespace carillon::fakefcm
