#pragma once

#include "schema/Schema.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace carillon::publish
{

/// What a publisher must know of a message type, from its plugin's manifest and the configuration.
struct MessageType
{
    std::string plugin;
    int version = 1;
    /// Null: any JSON.
    std::shared_ptr<const schema::Schema> schema;
    std::optional<std::chrono::milliseconds> expiresAfter;
    int priority = 0;
};

/// All types that a plugin here handles. Immutable after start, so thread-safe.
class MessageCatalogue
{
public:
    void add(const std::string& type, MessageType rules) { _types[type] = std::move(rules); }
    /// Null for a type that no plugin here handles: it may be routed to workers elsewhere.
    const MessageType* find(const std::string& type) const
    {
        const auto found = _types.find(type);
        return found == _types.end() ? nullptr : &found->second;
    }
    const std::map<std::string, MessageType>& types() const { return _types; }

private:
    std::map<std::string, MessageType> _types;
};

} // namespace carillon::publish
