#include "transports/sqlite/HeaderCodec.h"

#include <charconv>

namespace carillon::transports::sqlite
{
namespace
{

void append(std::string& bytes, std::string_view text)
{
    bytes += std::to_string(text.size());
    bytes += ':';
    bytes += text;
}

/// Cuts one text off the front.
std::optional<std::string> next(std::string_view& bytes)
{
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), length);
    if (error != std::errc{} || end == bytes.data() + bytes.size() || *end != ':') return {};
    bytes.remove_prefix(static_cast<std::size_t>(end - bytes.data()) + 1);
    if (length > bytes.size()) return {};
    std::string text(bytes.substr(0, length));
    bytes.remove_prefix(length);
    return text;
}

} // namespace

std::string encodeHeaders(const Headers& headers)
{
    std::string bytes;
    for (const auto& [name, value] : headers)
    {
        append(bytes, name);
        append(bytes, value);
    }
    return bytes;
}

std::optional<Headers> decodeHeaders(std::string_view bytes)
{
    Headers headers;
    while (!bytes.empty())
    {
        auto name = next(bytes);
        if (!name) return {};
        auto value = next(bytes);
        if (!value) return {};
        headers.insert_or_assign(std::move(*name), std::move(*value));
    }
    return headers;
}

} // namespace carillon::transports::sqlite
