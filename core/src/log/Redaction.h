#pragma once

#include <string>
#include <string_view>

/// Promise 8: no secret, token, title, body or user id of a patient in a log line. Three nets, one behind the other; the first is not to
/// log it.
namespace carillon::log
{

/// True for keys whose values are never written, whatever they hold: token, title, body, user, userId, address, authorization, password,
/// secret, private_key and their like. Case, `_`, `-` and `.` do not matter. An address of a device is logged as `device=` fingerprint(), a
/// socket's as `endpoint=`.
bool isSensitiveKey(std::string_view key);

/// Takes out of free text what is certain to be a secret or a person: credentials after Bearer and Basic, JSON Web Tokens, Google's access
/// tokens, user and password in URLs, private keys in PEM, e-mail addresses, and runs of 100 or more token characters. Pure; one pass when
/// there is nothing.
std::string redacted(std::string_view text);

/// The first 12 hexadecimal digits of the SHA-256: enough to follow one device through the log, useless to reach it. Pure.
std::string fingerprint(std::string_view secret);

/// What stands in a redacted value's place.
inline constexpr std::string_view redactionMark = "[redacted]";

} // namespace carillon::log
