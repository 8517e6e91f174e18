#pragma once

#include <string>
#include <string_view>

/// What names of plugins and what they bring may look like. Pure functions.
namespace carillon::plugin
{

/// `send`, `status-update`: lower case, since it is a key of the configuration (`plugin.<name>.…`).
bool isPluginName(std::string_view name);

/// `1.0.0`, `2026.11-rc1`.
bool isVersion(std::string_view version);

/// `notification.send`: words of letters, digits, `_` and `-`, joined by dots.
bool isTypeName(std::string_view name);

/// A middleware's or schedule's: as a plugin's.
bool isPartName(std::string_view name);

/// A layer of the engine's own chain, or its end.
bool isEngineLayer(std::string_view name);

/// One printable line of at most `limit` bytes, for text that a plugin made.
std::string oneLine(std::string_view text, std::size_t limit = 300);

} // namespace carillon::plugin
