#pragma once

#include "carillon/Clock.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace carillon::push::fcm
{

/// The header's value as a wait from `now`: whole seconds or an HTTP date (RFC 9110, all three forms), zero for a date in the past.
/// Nothing for garbage and negative numbers: they are ignored, as if the header was not there. Never throws.
std::optional<std::chrono::milliseconds> parseRetryAfter(std::string_view value, TimePoint now);

/// A protobuf duration as JSON writes it (`30s`, `0.5s`); nothing for anything else and for negative ones. Never throws.
std::optional<std::chrono::milliseconds> parseDuration(std::string_view text);

} // namespace carillon::push::fcm
