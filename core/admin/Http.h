#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Requests and answers as plain values: what handles them knows no socket, and a test needs none.
namespace carillon::admin
{

struct Request
{
    std::string method;
    /// As it came, without the query: for logs and problems.
    std::string target;
    /// Decoded, split at `/`; empty for `/`.
    std::vector<std::string> segments;
    std::map<std::string, std::string> query;
    /// Names in lower case; repeated ones joined by `, `.
    std::map<std::string, std::string, std::less<>> headers;
    std::string body;
    bool isHttp10 = false;
    /// Addresses without port.
    std::string peer;
    std::string local;
    bool isLoopback = false; ///< of our own end
    /// `traceparent`: the client's when valid, else a new one.
    std::string traceParent;

    /// Null when it was not sent.
    const std::string* header(std::string_view name) const;
    /// Null when it was not given.
    const std::string* parameter(const std::string& name) const;
};

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

struct Response
{
    int status = 200;
    std::string contentType;
    std::string body;
    HeaderLines headers;
};

Response jsonResponse(int status, std::string body);

/// A place in the request that is wrong: a JSON pointer into the body, or the name of a parameter.
struct Place
{
    std::string pointer;
    std::string parameter;
    std::string detail;
};

/// Anything but success, thrown where it is found and told as RFC 9457 in one place. `detail` is read by the client: no internals, nothing
/// of a body.
class Problem : public std::runtime_error
{
public:
    Problem(int status, const std::string& detail, HeaderLines headers = {}, std::vector<Place> places = {})
        : std::runtime_error(detail),
          _status(status),
          _headers(std::move(headers)),
          _places(std::move(places))
    {
    }

    int status() const noexcept { return _status; }
    const HeaderLines& headers() const noexcept { return _headers; }
    const std::vector<Place>& places() const noexcept { return _places; }

private:
    int _status;
    HeaderLines _headers;
    std::vector<Place> _places;
};

/// application/problem+json with the request's path and trace id. `target` and `traceId` may be empty.
Response problemResponse(const Problem& problem, const std::string& target, std::string_view traceId);

/// `Not Found`.
std::string_view reasonPhrase(int status);

/// The answer as it goes over the wire, with the headers that every answer has. The body is left out for HEAD, its length is told.
std::string toWire(const Response& response, bool isHead, bool keepsAlive);

/// Sets method, target, segments and query from a request line's parts. Throws Problem 400 for a target that is none.
void setTarget(Request& request, std::string_view target);

} // namespace carillon::admin
