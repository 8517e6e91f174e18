#include "admin/Parameters.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace carillon::admin
{
namespace
{

[[noreturn]] void refuse(const std::string& name, const std::string& detail)
{
    throw Problem(400, fmt::format("the query parameter '{}' {}", name, detail), {}, {{"", name, detail}});
}

} // namespace

std::optional<std::string> textParameter(const Request& request, const std::string& name, std::size_t longest)
{
    const std::string* text = request.parameter(name);
    if (text == nullptr) return {};
    if (text->empty() || text->size() > longest) refuse(name, fmt::format("must have 1 to {} characters", longest));
    return *text;
}

std::optional<long> numberParameter(const Request& request, const std::string& name, long least, long most)
{
    const std::string* text = request.parameter(name);
    if (text == nullptr) return {};
    long number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size() || number < least || number > most)
        refuse(name, fmt::format("must be a whole number from {} to {}", least, most));
    return number;
}

std::optional<TimePoint> timeParameter(const Request& request, const std::string& name)
{
    const std::string* text = request.parameter(name);
    if (text == nullptr) return {};
    try
    {
        return fromRfc3339(*text);
    }
    catch (const std::invalid_argument&)
    {
        refuse(name, "must be a time as RFC 3339 has it, like 2026-11-23T08:00:00+01:00");
    }
}

bool flagParameter(const Request& request, const std::string& name)
{
    const std::string* text = request.parameter(name);
    if (text == nullptr || *text == "false") return false;
    if (*text != "true") refuse(name, "must be true or false");
    return true;
}

std::string percentEncoded(const std::string& text)
{
    std::string encoded;
    for (const char c : text)
    {
        const bool isUnreserved =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (isUnreserved)
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

} // namespace carillon::admin
