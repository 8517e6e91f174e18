#pragma once

#include "admin/Http.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::admin
{

/// Who may ask.
enum class Access
{
    Probe, ///< everybody, at any address and by any name
    Shell, ///< everybody on this machine: the dashboard's page, which holds no data
    Token  ///< who has the token
};

/// The values of a pattern's `{…}`, in their order.
using PathValues = std::vector<std::string>;

struct Endpoint
{
    std::function<Response(const Request&, const PathValues&)> handle;
    /// Any other parameter is refused by name.
    std::vector<std::string> parameters;
    bool takesBody = false;
};

struct Resource
{
    std::vector<std::string> pattern;
    Access access = Access::Token;
    std::map<std::string, Endpoint> methods;

    /// `GET, HEAD, OPTIONS`.
    std::string allow() const;
};

/// What there is at which path. Immutable after start, so thread-safe.
class Routes
{
public:
    /// `path` like `/api/v1/failed/{id}`; a resource has one kind of access.
    void add(std::string_view method, std::string_view path, Access access, Endpoint endpoint);

    /// Null when there is nothing.
    const Resource* find(const std::vector<std::string>& segments) const;
    PathValues valuesOf(const Resource& resource, const std::vector<std::string>& segments) const;

    /// For tests and documentation: `GET /health`.
    std::vector<std::string> list() const;

private:
    std::vector<Resource> _resources;
};

} // namespace carillon::admin
