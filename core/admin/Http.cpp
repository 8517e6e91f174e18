#include "admin/Http.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace carillon::admin
{
namespace
{

constexpr std::array<std::pair<int, std::string_view>, 24> phrases{{{200, "OK"},
                                                                    {202, "Accepted"},
                                                                    {204, "No Content"},
                                                                    {400, "Bad Request"},
                                                                    {401, "Unauthorized"},
                                                                    {403, "Forbidden"},
                                                                    {404, "Not Found"},
                                                                    {405, "Method Not Allowed"},
                                                                    {408, "Request Timeout"},
                                                                    {409, "Conflict"},
                                                                    {411, "Length Required"},
                                                                    {413, "Content Too Large"},
                                                                    {414, "URI Too Long"},
                                                                    {415, "Unsupported Media Type"},
                                                                    {417, "Expectation Failed"},
                                                                    {421, "Misdirected Request"},
                                                                    {422, "Unprocessable Content"},
                                                                    {429, "Too Many Requests"},
                                                                    {431, "Request Header Fields Too Large"},
                                                                    {500, "Internal Server Error"},
                                                                    {501, "Not Implemented"},
                                                                    {503, "Service Unavailable"},
                                                                    {505, "HTTP Version Not Supported"},
                                                                    {100, "Continue"}}};

/// `Mon, 23 Nov 2026 08:00:00 GMT`, whatever the locale.
std::string httpDate()
{
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                       months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

int hexValue(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// `+` stays `+`: RFC 3986 gives it no other meaning, and times are full of them.
std::string percentDecoded(std::string_view text)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        char c = text[i];
        if (c == '%')
        {
            const int high = i + 2 < text.size() ? hexValue(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexValue(text[i + 2]) : -1;
            if (high < 0 || low < 0) throw Problem(400, "the request's target has a '%' that two hexadecimal digits do not follow");
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) throw Problem(400, "the request's target has a control character");
        decoded.push_back(c);
    }
    return decoded;
}

void setQuery(Request& request, std::string_view query)
{
    while (!query.empty())
    {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        const std::string name = percentDecoded(pair.substr(0, equals));
        const bool isNew = request.query.emplace(name, percentDecoded(pair.substr(std::min(equals + 1, pair.size())))).second;
        if (!isNew) throw Problem(400, "a query parameter is given twice", {}, {{"", name, "is given twice"}});
    }
}

} // namespace

const std::string* Request::header(std::string_view name) const
{
    const auto found = headers.find(name);
    return found == headers.end() ? nullptr : &found->second;
}

const std::string* Request::parameter(const std::string& name) const
{
    const auto found = query.find(name);
    return found == query.end() ? nullptr : &found->second;
}

Response jsonResponse(int status, std::string body) { return {status, "application/json", std::move(body), {}}; }

std::string_view reasonPhrase(int status)
{
    const auto found = std::find_if(phrases.begin(), phrases.end(), [status](const auto& pair) { return pair.first == status; });
    return found == phrases.end() ? "Unknown" : found->second;
}

Response problemResponse(const Problem& problem, const std::string& target, std::string_view traceId)
{
    using Json = nlohmann::json;
    Json json{{"type", "about:blank"}, {"title", reasonPhrase(problem.status())}, {"status", problem.status()}, {"detail", problem.what()}};
    if (!target.empty()) json["instance"] = target;
    if (!traceId.empty()) json["trace_id"] = traceId;
    for (const Place& place : problem.places())
    {
        Json entry{{"detail", place.detail}};
        if (place.parameter.empty())
            entry["pointer"] = place.pointer;
        else
            entry["parameter"] = place.parameter;
        json["errors"].push_back(std::move(entry));
    }
    return {problem.status(), "application/problem+json", json.dump(-1, ' ', false, Json::error_handler_t::replace), problem.headers()};
}

std::string toWire(const Response& response, bool isHead, bool keepsAlive)
{
    std::string wire =
        fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nConnection: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                    "X-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n",
                    response.status, reasonPhrase(response.status), httpDate(), keepsAlive ? "keep-alive" : "close");
    bool hasPolicy = false;
    for (const auto& [name, value] : response.headers)
    {
        wire += fmt::format("{}: {}\r\n", name, value);
        hasPolicy = hasPolicy || name == "Content-Security-Policy";
    }
    if (!hasPolicy) wire += "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
    if (!response.contentType.empty()) wire += fmt::format("Content-Type: {}\r\n", response.contentType);
    if (response.status != 204) wire += fmt::format("Content-Length: {}\r\n", response.body.size());
    wire += "\r\n";
    if (!isHead && response.status != 204) wire += response.body;
    return wire;
}

void setTarget(Request& request, std::string_view target)
{
    const auto question = std::min(target.find('?'), target.size());
    request.target = target.substr(0, question);
    if (request.target.empty() || request.target.front() != '/' || target.find('#') != std::string_view::npos)
        throw Problem(400, "the request's target must be a path, like /health");
    setQuery(request, target.substr(std::min(question + 1, target.size())));
    std::string_view path = std::string_view(request.target).substr(1);
    while (!path.empty())
    {
        const auto end = std::min(path.find('/'), path.size());
        request.segments.push_back(percentDecoded(path.substr(0, end)));
        // A trailing slash names another resource, which does not exist.
        if (end + 1 == path.size()) request.segments.emplace_back();
        path.remove_prefix(std::min(end + 1, path.size()));
    }
}

} // namespace carillon::admin
