#include "fcm/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::fakefcm
{

namespace
{

bool isTooDeep(std::string_view text)
{
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        const char c = text[i];
        if (inString)
        {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
            continue;
        }
        if (c == '"')
            inString = true;
        else if (c == '{' || c == '[')
        {
            if (++depth > maxJsonDepth) return true;
        }
        else if (c == '}' || c == ']')
            --depth;
    }
    return false;
}

/// The neighbourhood of an error, cut at the bytes that could not be shown as JSON text again.
std::string excerpt(std::string_view text, std::size_t position)
{
    const std::size_t start = position > 20 ? position - 20 : 0;
    std::string shown(text.substr(std::min(start, text.size()), 40));
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < 0x20 || c == 0x7F; }, ' ');
    return shown + "\n" + std::string(std::min(position, text.size()) - std::min(start, text.size()), ' ') + "^";
}

} // namespace

std::optional<Json> parseJson(std::string_view text, std::string& problem)
{
    if (isTooDeep(text))
    {
        problem = "Message too deep. Max recursion depth reached for key.";
        return std::nullopt;
    }
    try
    {
        return Json::parse(text.begin(), text.end());
    }
    catch (const Json::parse_error& error)
    {
        const std::size_t position = error.byte > 0 ? error.byte - 1 : 0;
        problem = position >= text.size() ? "Unexpected end of string." : "Unexpected token.";
        problem += "\n" + excerpt(text, position);
        return std::nullopt;
    }
}

const Json* member(const Json* object, std::string_view jsonName, std::string_view protoName)
{
    if (object == nullptr || !object->is_object()) return nullptr;
    const auto& members = object->get_ref<const Json::object_t&>();
    for (auto entry = members.rbegin(); entry != members.rend(); ++entry)
    {
        if (entry->first != jsonName && (protoName.empty() || entry->first != protoName)) continue;
        return entry->second.is_null() ? nullptr : &entry->second;
    }
    return nullptr;
}

std::string_view text(const Json* value)
{
    if (value == nullptr || !value->is_string()) return {};
    return value->get_ref<const std::string&>();
}

std::string jsonQuoted(std::string_view text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

} // namespace carillon::fakefcm
