#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::fakefcm
{

// The text forms of proto3's JSON mapping.

/// "bodyLocArgs" → "body_loc_args".
std::string snakeCase(std::string_view camelCase);

/// "3.5s": whole seconds, up to nine places, either sign.
bool isDuration(std::string_view text);

/// A duration's whole seconds, rounded towards zero; nothing when `text` is none or has more than twelve digits.
std::optional<std::chrono::seconds> durationSeconds(std::string_view text);

/// RFC 3339 with any offset: "2018-01-01T08:00:00.5Z".
bool isTimestamp(std::string_view text);

bool isInt32Text(std::string_view text);
bool isFloatText(std::string_view text);

} // namespace carillon::fakefcm
