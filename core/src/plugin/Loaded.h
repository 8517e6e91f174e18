#pragma once

#include "carillon/Registry.h"

#include <string>

namespace carillon::plugin
{

/// A message type and what handles it, with the plugin that brought it.
struct LoadedHandler
{
    std::string plugin;
    std::string pluginVersion;
    std::string type;
    HandlerOptions options;
    HandlerFactory factory;
};

struct LoadedUpcast
{
    std::string plugin;
    std::string type;
    int from = 1;
    Upcast upcast;
};

struct LoadedMiddleware
{
    std::string plugin;
    std::string name;
    MiddlewarePlacement placement;
    MiddlewareFactory factory;
};

} // namespace carillon::plugin
