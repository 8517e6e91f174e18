#pragma once

#include <string>
#include <string_view>

namespace carillon::chain
{

/// True for a `traceparent` that W3C Trace Context allows to be continued: two hexadecimal digits of version (not ff), an id that is not
/// all zero, and for version 00 nothing behind the flags.
bool isTraceParent(std::string_view text);

/// A span of our own below `parent`; the beginning of a new, unsampled trace when `parent` is not valid. Thread-safe.
std::string childOf(std::string_view parent);

/// The 32 digits that name the trace; empty when `traceParent` is not valid.
std::string_view traceIdOf(std::string_view traceParent);

} // namespace carillon::chain
