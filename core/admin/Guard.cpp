#include "admin/Guard.h"

#include <algorithm>
#include <cctype>

namespace carillon::admin
{
namespace
{

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// `[::1]:8009` → `[::1]`, `localhost:8009` → `localhost`.
std::string withoutPort(const std::string& authority)
{
    const auto bracket = authority.rfind(']');
    const auto colon = authority.rfind(':');
    if (colon == std::string::npos || (bracket != std::string::npos && colon < bracket)) return authority;
    return authority.substr(0, colon);
}

bool isRead(const std::string& method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

/// A page of another origin must not make a browser write, token or not.
void checkOrigin(const Request& request)
{
    const std::string* site = request.header("sec-fetch-site");
    if (site != nullptr && *site != "same-origin" && *site != "none") throw Problem(403, "writes from pages of another site are refused");
    const std::string* origin = request.header("origin");
    if (origin == nullptr) return;
    const std::string* host = request.header("host");
    const auto scheme = origin->find("://");
    const bool isOwn = host != nullptr && scheme != std::string::npos && lower(origin->substr(scheme + 3)) == lower(*host);
    if (!isOwn) throw Problem(403, "writes from pages of another origin are refused");
}

} // namespace

bool equalsInConstantTime(std::string_view secret, std::string_view given)
{
    volatile unsigned char difference = secret.size() == given.size() ? 0 : 1;
    for (std::size_t i = 0; i < given.size(); ++i)
        difference = static_cast<unsigned char>(difference | (secret[i % secret.size()] ^ given[i]));
    return difference == 0;
}

void Guard::check(const Request& request, const Resource* resource) const
{
    // Probes come by whatever address a load balancer knows, and say nothing worth a check of names.
    if (resource != nullptr && resource->access == Access::Probe) return;
    const bool isOpen = resource != nullptr && resource->access == Access::Shell && request.isLoopback;
    if (!isOpen) checkToken(request);
    checkHost(request);
    if (!isRead(request.method)) checkOrigin(request);
}

void Guard::checkToken(const Request& request) const
{
    constexpr std::string_view scheme = "bearer ";
    const std::string* given = request.header("authorization");
    const HeaderLines challenge{{"WWW-Authenticate", "Bearer realm=\"carillon\""}};
    if (given == nullptr || lower(std::string_view(*given).substr(0, scheme.size())) != scheme)
        throw Problem(401, "a token is needed: Authorization: Bearer <admin.token>", challenge);
    if (!equalsInConstantTime(_token, std::string_view(*given).substr(scheme.size())))
        throw Problem(401, "the token is wrong; it is in admin.token of the configuration, or in the file admin.token of the state folder",
                      challenge);
}

void Guard::checkHost(const Request& request) const
{
    const std::string* host = request.header("host");
    if (host == nullptr)
    {
        // A browser always sends it, so that who does not is no victim of a name that was bound anew.
        if (request.isHttp10) return;
        throw Problem(400, "a request of HTTP/1.1 needs a Host header");
    }
    const std::string name = lower(withoutPort(*host));
    const bool isAllowed = std::any_of(_allowedHosts.begin(), _allowedHosts.end(),
                                       [&](const std::string& allowed) { return allowed == "*" || lower(allowed) == name; });
    // By the address that was connected to no name can be bound to us.
    if (isAllowed || name == request.local || name == "[" + request.local + "]") return;
    throw Problem(421, "this host name is not answered; add it to admin.allowed_hosts");
}

} // namespace carillon::admin
