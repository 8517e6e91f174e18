#include "http/Http1Session.h"

#include "http/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace carillon::fakefcm
{

namespace
{

bool isToken(std::string_view text)
{
    static constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](char c) { return c > 0x20 && c < 0x7F && separators.find(c) == std::string_view::npos; });
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::size_t> parsedNumber(std::string_view text, int base)
{
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

Http1Session::Http1Session(Site& site, SessionHost& host, const SessionLimits& limits, std::uint64_t connection)
    : _site(site),
      _host(host),
      _limits(limits),
      _connection(connection),
      _since(EventLoop::Clock::now())
{
}

Http1Session::~Http1Session() { _host.loop().cancel(_answerTimer); }

void Http1Session::receive(std::string_view bytes)
{
    if (_end != End::Open) return;
    // While an answer is delayed the peer may pipeline, but not without bound.
    if (_in.size() - _parsed + bytes.size() > _limits.maxHeaderBytes + 2 * _limits.maxBodyBytes + 64 * 1024) return refuse(413);
    _in.append(bytes);
    parse();
}

void Http1Session::parse()
{
    bool progress = true;
    while (progress && _end == End::Open)
    {
        switch (_phase)
        {
        case Phase::Head: progress = parseHead(); break;
        case Phase::Body: progress = parseBody(); break;
        case Phase::ChunkHead: progress = parseChunkHead(); break;
        case Phase::ChunkBody: progress = parseChunkBody(); break;
        case Phase::Trailer: progress = parseTrailer(); break;
        case Phase::Answering: progress = false; break;
        }
    }
    _in.erase(0, _parsed);
    _scanned -= std::min(_scanned, _parsed);
    _parsed = 0;
}

std::optional<std::string_view> Http1Session::takeLine(std::size_t limit)
{
    const std::size_t end = _in.find("\r\n", std::max(_parsed, _scanned));
    if (end == std::string::npos)
    {
        // The last byte may be the first half of the line's end.
        _scanned = std::max(_parsed, _in.size() - std::min<std::size_t>(_in.size(), 1));
        if (_in.size() - _parsed > limit) refuse(413);
        return std::nullopt;
    }
    if (end - _parsed > limit)
    {
        refuse(413);
        return std::nullopt;
    }
    const std::string_view line = std::string_view(_in).substr(_parsed, end - _parsed);
    _parsed = end + 2;
    return line;
}

bool Http1Session::parseHead()
{
    if (_in.size() > _parsed && !_requestStarted)
    {
        _requestStarted = true;
        _since = EventLoop::Clock::now();
    }
    const auto line = takeLine(_limits.maxHeaderBytes - std::min(_headBytes, _limits.maxHeaderBytes));
    if (!line) return false;
    _headBytes += line->size() + 2;

    if (_request.method.empty())
    {
        if (line->empty()) return true; // RFC 9112, 2.2: blank lines before the request line are ignored
        if (!parseRequestLine(*line) && _end == End::Open) refuse(400);
        return true;
    }
    if (line->empty()) return chooseBody();
    if (!parseHeaderLine(*line)) refuse(400);
    return true;
}

bool Http1Session::parseRequestLine(std::string_view line)
{
    const std::size_t methodEnd = line.find(' ');
    const std::size_t targetEnd = line.rfind(' ');
    if (methodEnd == std::string_view::npos || targetEnd <= methodEnd) return false;

    const std::string_view version = line.substr(targetEnd + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
    {
        refuse(version.starts_with("HTTP/") ? 505 : 400);
        return false;
    }
    const std::string_view method = line.substr(0, methodEnd);
    std::string_view target = line.substr(methodEnd + 1, targetEnd - methodEnd - 1);
    if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/'))
    {
        const std::size_t path = target.find('/', scheme + 3);
        target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    if (!isToken(method) || (!target.starts_with('/') && target != "*") || target.find(' ') != std::string_view::npos) return false;

    const std::size_t question = target.find('?');
    auto path = percentDecoded(target.substr(0, question));
    if (!path) return false;
    _request.method = method;
    _request.path = std::move(*path);
    if (question != std::string_view::npos) _request.query = target.substr(question + 1);
    _request.protocol = "http/1.1";
    _request.connection = _connection;
    _keepAlive = version == "HTTP/1.1";
    return true;
}

bool Http1Session::parseHeaderLine(std::string_view line)
{
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) return false;
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (std::any_of(value.begin(), value.end(), [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F; })) return false;
    _request.headers.emplace_back(lowerCase(line.substr(0, colon)), value);
    return true;
}

bool Http1Session::chooseBody()
{
    bool chunked = false;
    std::optional<std::size_t> length;
    for (const auto& [name, value] : _request.headers)
    {
        if (name == "connection")
        {
            const std::string options = lowerCase(value);
            if (options.find("close") != std::string::npos) _keepAlive = false;
            if (options.find("keep-alive") != std::string::npos) _keepAlive = true;
        }
        else if (name == "transfer-encoding")
        {
            if (lowerCase(value) != "chunked" || chunked) return refuse(501), false;
            chunked = true;
        }
        else if (name == "content-length")
        {
            const auto parsed = parsedNumber(value, 10);
            if (!parsed || (length && *length != *parsed)) return refuse(400), false;
            length = parsed;
        }
    }
    // Both at once is how requests are smuggled past a proxy.
    if (chunked && length) return refuse(400), false;
    if (length.value_or(0) > _limits.maxBodyBytes) return refuse(413), false;

    if (lowerCase(_request.header("expect")) == "100-continue" && (chunked || length.value_or(0) > 0))
        _out += "HTTP/1.1 100 Continue\r\n\r\n";
    _bodyLeft = length.value_or(0);
    _phase = chunked ? Phase::ChunkHead : Phase::Body;
    return true;
}

bool Http1Session::parseBody()
{
    const std::size_t count = std::min(_bodyLeft, _in.size() - _parsed);
    _request.body.append(_in, _parsed, count);
    _parsed += count;
    _bodyLeft -= count;
    if (_bodyLeft > 0) return false;
    dispatch();
    return true;
}

bool Http1Session::parseChunkHead()
{
    const auto line = takeLine(1024);
    if (!line) return false;
    const auto size = parsedNumber(trimmed(line->substr(0, line->find(';'))), 16);
    if (!size) return refuse(400), false;
    if (*size > _limits.maxBodyBytes - _request.body.size()) return refuse(413), false;
    _bodyLeft = *size;
    _phase = *size == 0 ? Phase::Trailer : Phase::ChunkBody;
    return true;
}

bool Http1Session::parseChunkBody()
{
    const std::size_t count = std::min(_bodyLeft, _in.size() - _parsed);
    _request.body.append(_in, _parsed, count);
    _parsed += count;
    _bodyLeft -= count;
    if (_bodyLeft > 0 || _in.size() - _parsed < 2) return false;
    if (_in.compare(_parsed, 2, "\r\n") != 0) return refuse(400), false;
    _parsed += 2;
    _phase = Phase::ChunkHead;
    return true;
}

bool Http1Session::parseTrailer()
{
    const auto line = takeLine(_limits.maxHeaderBytes - std::min(_headBytes, _limits.maxHeaderBytes));
    if (!line) return false;
    _headBytes += line->size() + 2;
    if (line->empty()) dispatch();
    return true;
}

void Http1Session::dispatch()
{
    Answer answer = _site.answer(_request);
    if (answer.delay.count() <= 0) return emit(answer);
    _phase = Phase::Answering;
    _answerAt = EventLoop::Clock::now() + answer.delay;
    _answerTimer = _host.loop().at(_answerAt,
                                   [this, answer = std::move(answer)]
                                   {
                                       _answerTimer = 0;
                                       emit(answer);
                                       parse();
                                       _host.wake();
                                   });
}

void Http1Session::refuse(int status)
{
    Answer answer;
    answer.status = status;
    answer.contentType = "text/html; charset=UTF-8";
    answer.body = htmlErrorPage(status);
    _keepAlive = false;
    emit(answer);
}

void Http1Session::emit(const Answer& answer)
{
    switch (answer.interruption)
    {
    case Interruption::ResetStream:
    case Interruption::ResetConnection: _end = End::Reset; return;
    case Interruption::GoAwayUnread: _end = End::Close; return;
    case Interruption::GoAwayAfter: _keepAlive = false; break;
    case Interruption::None: break;
    }
    _out += fmt::format("HTTP/1.1 {} {}\r\ndate: {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n", answer.status,
                        reasonPhrase(answer.status), httpDate(std::chrono::system_clock::now()), answer.contentType, answer.body.size());
    for (const auto& [name, value] : answer.headers) _out += fmt::format("{}: {}\r\n", name, value);
    if (!_keepAlive) _out += "connection: close\r\n";
    _out += "\r\n";
    if (answer.cutAfterBytes)
    {
        _out.append(answer.body, 0, *answer.cutAfterBytes);
        _end = End::Cut;
        return;
    }
    if (_request.method != "HEAD") _out += answer.body;
    if (!_keepAlive) _end = End::Close;

    _request = {};
    _headBytes = 0;
    _phase = Phase::Head;
    _requestStarted = false;
    _since = EventLoop::Clock::now();
}

void Http1Session::produce(std::string& out, std::size_t)
{
    if (out.empty())
        out.swap(_out);
    else
    {
        out += _out;
        _out.clear();
    }
}

EventLoop::Clock::time_point Http1Session::deadline() const
{
    if (_phase == Phase::Answering) return _answerAt + _limits.idleTimeout;
    return _since + (_requestStarted ? _limits.requestTimeout : _limits.idleTimeout);
}

void Http1Session::onDeadline()
{
    if (_requestStarted && _phase != Phase::Answering)
        refuse(408);
    else
        _end = End::Close;
}

} // namespace carillon::fakefcm
