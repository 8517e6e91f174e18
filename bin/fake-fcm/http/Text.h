#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::fakefcm
{

/// "503" → "Service Unavailable"; empty for a code that has no well-known phrase.
std::string_view reasonPhrase(int status);

/// `when` as an HTTP-date: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string httpDate(std::chrono::system_clock::time_point when);

/// Decodes %XX (and, in forms, '+'); nothing when an escape is broken.
std::optional<std::string> percentDecoded(std::string_view text, bool plusIsSpace = false);

/// The pairs of `a=1&b=2`, decoded; nothing when an escape is broken.
std::optional<std::vector<std::pair<std::string, std::string>>> formFields(std::string_view form);

/// Decodes unpadded base64url (RFC 4648, 5); nothing when a character is foreign.
std::optional<std::string> base64UrlDecoded(std::string_view text);

/// An error page as Google's front end gives it to a request that never reached the API.
std::string htmlErrorPage(int status);

std::string lowerCase(std::string_view text);

} // namespace carillon::fakefcm
