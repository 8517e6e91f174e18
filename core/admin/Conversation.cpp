#include "admin/Conversation.h"

#include "admin/DeadlineSocket.h"
#include "chain/TraceContext.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/String.h>

#include <fmt/format.h>

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>

namespace carillon::admin
{
namespace
{

using SteadyClock = std::chrono::steady_clock;

/// So long, and so much, is read of what a refused client still sends: closing at once would reset the connection, and the answer with it.
constexpr std::chrono::milliseconds lingering{1000};
constexpr std::size_t lingeringBytes = 8 << 20;

/// The client is gone: there is nobody to answer.
struct Gone
{
};

std::string plainHost(const Poco::Net::SocketAddress& address)
{
    std::string host = address.host().toString();
    return host.starts_with("::ffff:") ? host.substr(7) : host;
}

Problem problemOf(Finding finding)
{
    switch (finding)
    {
    case Finding::WrongVersion: return {505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
    case Finding::TargetTooLong: return {414, "the request line is too long"};
    case Finding::HeadTooLarge: return {431, "the request's header lines are too long or too many"};
    case Finding::TooSlow: return {408, "the request did not come in time"};
    case Finding::TooMany: return {503, "too many requests at once; try again", {{"Retry-After", "1"}}};
    default: return {400, "this is no HTTP request"};
    }
}

class Conversation
{
public:
    Conversation(Arrival arrival, const Application& application, const ConversationOptions& options)
        : _socket(std::move(arrival.socket), options.isCut),
          _finding(arrival.finding),
          _headLength(arrival.headLength),
          _application(application),
          _options(options),
          _started(SteadyClock::now())
    {
        _socket.deadlined().setDeadline(_started + options.requestTimeout);
        _request.traceParent = chain::childOf({});
        try
        {
            _request.peer = plainHost(_socket.peerAddress());
            const auto local = _socket.address();
            _request.local = plainHost(local);
            _request.isLoopback = local.host().isLoopback() || _request.local.starts_with("127.");
        }
        catch (const Poco::Exception&)
        {
            throw Gone{};
        }
    }

    process::FileDescriptor run()
    {
        Response response;
        try
        {
            if (_finding != Finding::Request && _finding != Finding::Probe) throw problemOf(_finding);
            readHead();
            const Application::Admitted admitted = _application.admit(_request);
            readBody();
            response = Application::answer(_request, admitted);
        }
        catch (const Gone&)
        {
            throw;
        }
        catch (...)
        {
            response = _application.problemOf(std::current_exception(), _request);
        }
        return send(response);
    }

private:
    void readHead()
    {
        std::istringstream lines(receive(_headLength));
        Poco::Net::HTTPRequest head;
        try
        {
            head.read(lines);
        }
        catch (const Poco::Exception&)
        {
            throw Problem(400, "the request's header lines cannot be read");
        }
        _request.method = head.getMethod();
        _request.isHttp10 = head.getVersion() == "HTTP/1.0";
        for (const auto& [name, value] : head) addHeader(name, value);
        if (const std::string* trace = _request.header("traceparent"); trace != nullptr && chain::isTraceParent(*trace))
            _request.traceParent = *trace;
        setTarget(_request, head.getURI());
        _contentLength = contentLength();
        _isRead = _contentLength == 0;
        const std::string* connection = _request.header("connection");
        _wantsToStay = !_request.isHttp10 && (connection == nullptr || Poco::icompare(*connection, "close") != 0);
    }

    void addHeader(std::string name, const std::string& value)
    {
        const bool isName = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
        const bool isValue = std::all_of(value.begin(), value.end(), [](unsigned char c) { return (c >= 0x20 || c == '\t') && c != 0x7f; });
        if (!isName || !isValue) throw Problem(400, "a header line has characters that are not allowed there");
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto [found, isNew] = _request.headers.emplace(name, value);
        if (isNew) return;
        if (name == "host" || name == "content-length" || name == "authorization" || name == "transfer-encoding" ||
            name == "content-type" || name == "origin")
            throw Problem(400, "a header line is given twice that may stand once: " + name);
        found->second += ", " + value;
    }

    std::uint64_t contentLength() const
    {
        const std::string* encoding = _request.header("transfer-encoding");
        const std::string* text = _request.header("content-length");
        if (encoding != nullptr && text != nullptr) throw Problem(400, "Content-Length and Transfer-Encoding exclude each other");
        if (encoding != nullptr) throw Problem(411, "send the body with Content-Length, not in chunks", {});
        if (text == nullptr) return 0;
        std::uint64_t length = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
        if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
        if (error != std::errc{} || end != text->data() + text->size()) throw Problem(400, "Content-Length is no number");
        return length;
    }

    void readBody()
    {
        if (_contentLength > _options.maxBody)
            throw Problem(413, fmt::format("the body is larger than {} bytes, the most that admin.max_body allows", _options.maxBody));
        if (const std::string* expectation = _request.header("expect"))
        {
            if (Poco::icompare(*expectation, "100-continue") != 0) throw Problem(417, "no expectation but 100-continue is met");
            if (_contentLength > 0) _socket.sendAll("HTTP/1.1 100 Continue\r\n\r\n");
        }
        _request.body = receive(_contentLength);
        _isRead = true;
    }

    /// Exactly so many bytes: what follows is the next request's.
    std::string receive(std::size_t length)
    {
        std::string bytes(length, '\0');
        _socket.deadlined().allow(length);
        try
        {
            for (std::size_t at = 0; at < length;)
            {
                const int received =
                    _socket.deadlined().receiveBytes(bytes.data() + at, static_cast<int>(std::min<std::size_t>(length - at, 1 << 20)));
                if (received == 0) throw Gone{};
                at += static_cast<std::size_t>(received);
            }
        }
        catch (const Poco::TimeoutException&)
        {
            throw problemOf(Finding::TooSlow);
        }
        catch (const Poco::Exception&)
        {
            throw Gone{};
        }
        return bytes;
    }

    process::FileDescriptor send(const Response& response)
    {
        const bool mayStay = _isRead && _wantsToStay && _options.keepsAlive;
        // What came late may have used up the time; the answer gets its own.
        _socket.deadlined().setDeadline(SteadyClock::now() + _options.requestTimeout);
        _socket.sendAll(toWire(response, _request.method == "HEAD", mayStay));
        _application.logAccess(_request, response.status,
                               std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - _started));
        if (mayStay) return _socket.deadlined().detach();
        linger();
        return {};
    }

    void linger()
    {
        if (_isRead) return;
        ::shutdown(_socket.impl()->sockfd(), SHUT_WR);
        _socket.deadlined().setDeadline(SteadyClock::now() + lingering);
        _socket.deadlined().allow(lingeringBytes);
        char buffer[16384];
        while (_socket.deadlined().receiveBytes(buffer, sizeof buffer) > 0)
        {
        }
    }

    DeadlineSocket _socket;
    const Finding _finding;
    const std::size_t _headLength;
    const Application& _application;
    const ConversationOptions& _options;
    const SteadyClock::time_point _started;
    Request _request;
    std::uint64_t _contentLength = 0;
    bool _wantsToStay = false;
    bool _isRead = false;
};

} // namespace

process::FileDescriptor converse(Arrival arrival, const Application& application, const ConversationOptions& options) noexcept
{
    try
    {
        return Conversation(std::move(arrival), application, options).run();
    }
    catch (...)
    {
        return {}; // the client is gone or too slow to hear us
    }
}

} // namespace carillon::admin
