#pragma once

#include <cstddef>
#include <string_view>

namespace carillon::admin
{

/// What the first bytes of a request say.
enum class Finding
{
    Incomplete,
    Request,
    Probe,     ///< a request for one of the health probes
    Malformed, ///< no HTTP/1 request line
    WrongVersion,
    TargetTooLong,
    HeadTooLarge,
    // What the gate finds besides:
    TooSlow,
    TooMany
};

struct Head
{
    Finding finding = Finding::Incomplete;
    /// Bytes up to and including the empty line; 0 unless the finding is Request or Probe.
    std::size_t length = 0;
};

/// Looks at what a client has sent so far, without taking it, so that no thread waits for slow clients. Longer than `maxHead` is too large.
/// Pure.
Head inspectHead(std::string_view bytes, std::size_t maxHead);

} // namespace carillon::admin
