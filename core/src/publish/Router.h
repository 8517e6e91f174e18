#pragma once

#include "port/Transport.h"

#include <map>
#include <string>
#include <vector>

namespace carillon::publish
{

/// Type → transports, the same on every transport. Immutable after start, so thread-safe. Does not own the transports.
class Router
{
public:
    /// `*` is for every type that has no row of its own.
    void add(const std::string& type, std::vector<port::Transport*> transports) { _routes[type] = std::move(transports); }

    /// Empty when nobody routes the type.
    const std::vector<port::Transport*>& route(const std::string& type) const;

    /// By name, among all that a route names; null when there is none.
    port::Transport* transport(const std::string& name) const;

private:
    std::map<std::string, std::vector<port::Transport*>> _routes;
};

} // namespace carillon::publish
