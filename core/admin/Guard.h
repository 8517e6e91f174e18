#pragma once

#include "admin/Http.h"
#include "admin/Routes.h"

#include <string>
#include <vector>

namespace carillon::admin
{

/// Who may ask what, by the request's head alone. Immutable, so thread-safe.
class Guard
{
public:
    /// `allowedHosts`: names of the Host header without port, `*` for any. The token is not empty.
    Guard(std::string token, std::vector<std::string> allowedHosts) : _token(std::move(token)), _allowedHosts(std::move(allowedHosts)) {}

    /// Throws Problem 400, 401, 403 or 421. `resource` is null when there is none at the path: that needs the token too, so that nobody can
    /// probe for paths.
    void check(const Request& request, const Resource* resource) const;

private:
    void checkToken(const Request& request) const;
    void checkHost(const Request& request) const;

    const std::string _token;
    const std::vector<std::string> _allowedHosts;
};

/// Takes the same time wherever they differ. Only the length of `secret` could be told from it.
bool equalsInConstantTime(std::string_view secret, std::string_view given);

} // namespace carillon::admin
