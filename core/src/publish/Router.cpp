#include "publish/Router.h"

namespace carillon::publish
{

const std::vector<port::Transport*>& Router::route(const std::string& type) const
{
    static const std::vector<port::Transport*> none;
    auto found = _routes.find(type);
    if (found == _routes.end()) found = _routes.find("*");
    return found == _routes.end() ? none : found->second;
}

port::Transport* Router::transport(const std::string& name) const
{
    for (const auto& [type, transports] : _routes)
        for (port::Transport* transport : transports)
            if (transport->name() == name) return transport;
    return nullptr;
}

} // namespace carillon::publish
