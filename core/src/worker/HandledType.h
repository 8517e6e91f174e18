#pragma once

#include "carillon/Registry.h"
#include "chain/Chain.h"
#include "schema/Schema.h"

#include <map>
#include <memory>
#include <string>

namespace carillon::worker
{

/// A message type as this worker handles it: the plugin's options under the configuration's, the chain built around its handler.
struct HandledType
{
    std::string type;
    std::string plugin;
    std::string pluginVersion;
    HandlerOptions options;
    RetryPolicy retry;
    std::unique_ptr<chain::Chain> chain;
    /// Null: any JSON.
    std::shared_ptr<const schema::Schema> schema;
    /// By the version that they start from.
    std::map<int, Upcast> upcasts;
};

/// By type. Immutable after start.
using HandledTypes = std::map<std::string, HandledType, std::less<>>;

} // namespace carillon::worker
