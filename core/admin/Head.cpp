#include "admin/Head.h"

#include <algorithm>
#include <array>

namespace carillon::admin
{
namespace
{

// What Poco's own parser takes; beyond it, it would say no more than "bad request".
constexpr std::size_t longestMethod = 32;
constexpr std::size_t longestLine = 8000;
constexpr int mostLines = 100;
constexpr std::array<std::string_view, 4> probes{"/health", "/livez", "/readyz", "/readyz/consume"};

bool isTokenCharacter(char c)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
}

/// Of the start of a request line, as far as it is there.
bool mayBeMethod(std::string_view line)
{
    const auto space = std::min(line.find(' '), line.size());
    return space <= longestMethod && (space > 0 || line.empty()) &&
           std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(space), isTokenCharacter);
}

Finding findingOf(std::string_view requestLine)
{
    const auto first = requestLine.find(' ');
    const auto last = requestLine.rfind(' ');
    if (first == std::string_view::npos || last == first || !mayBeMethod(requestLine)) return Finding::Malformed;
    const std::string_view target = requestLine.substr(first + 1, last - first - 1);
    const std::string_view version = requestLine.substr(last + 1);
    const bool isTarget = !target.empty() && std::all_of(target.begin(), target.end(),
                                                         [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
    if (!isTarget || !version.starts_with("HTTP/")) return Finding::Malformed;
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return Finding::WrongVersion;
    const std::string_view path = target.substr(0, target.find('?'));
    return std::find(probes.begin(), probes.end(), path) != probes.end() ? Finding::Probe : Finding::Request;
}

} // namespace

Head inspectHead(std::string_view bytes, std::size_t maxHead)
{
    // Empty lines before a request are allowed (RFC 9112, 2.2).
    const auto start = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    std::size_t at = start;
    std::string_view requestLine;
    for (int lines = 0;; ++lines)
    {
        const auto end = bytes.find('\n', at);
        const std::size_t length = std::min(end, bytes.size()) - at;
        if (length > longestLine) return {lines == 0 ? Finding::TargetTooLong : Finding::HeadTooLarge};
        if (end == std::string_view::npos)
        {
            if (lines == 0 && !mayBeMethod(bytes.substr(at))) return {Finding::Malformed};
            return {bytes.size() > maxHead ? Finding::HeadTooLarge : Finding::Incomplete};
        }
        std::string_view line = bytes.substr(at, length);
        if (line.ends_with('\r')) line.remove_suffix(1);
        at = end + 1;
        if (at > maxHead || lines > mostLines) return {Finding::HeadTooLarge};
        if (lines == 0)
        {
            requestLine = line;
            if (const Finding finding = findingOf(line); finding != Finding::Request && finding != Finding::Probe) return {finding};
        }
        else if (line.empty())
            return {findingOf(requestLine), at};
    }
}

} // namespace carillon::admin
