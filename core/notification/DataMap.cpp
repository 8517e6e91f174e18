#include "notification/DataMap.h"

#include "carillon/Errors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string_view>

namespace carillon::notification
{

namespace
{

void refuseReserved(const std::string& name)
{
    if (name.empty()) throw PermanentFailure("'data' has a member without a name; name it");
    for (const std::string_view word : {"from", "message_type"})
        if (name == word) throw PermanentFailure(fmt::format("'data' has a member '{}', a name that FCM reserves; rename it", word));
    for (const std::string_view prefix : {"google", "gcm"})
        if (name.starts_with(prefix))
            throw PermanentFailure(fmt::format("'data' has a member that begins with '{}', which FCM reserves; rename it", prefix));
}

std::string asText(const nlohmann::json& value)
{
    if (value.is_string()) return value.get<std::string>();
    return value.dump();
}

} // namespace

std::map<std::string, std::string> flattenData(const std::string& json)
{
    if (json.empty()) return {};
    const auto data = nlohmann::json::parse(json, nullptr, false);
    if (data.is_discarded()) throw PermanentFailure("'data' is not valid JSON");
    if (data.is_null()) return {};
    if (!data.is_structured()) throw PermanentFailure("'data' is neither an object nor a list");

    std::map<std::string, std::string> entries;
    if (data.is_array())
    {
        for (std::size_t position = 0; position < data.size(); ++position)
            entries.emplace(std::to_string(position), asText(data[position]));
        return entries;
    }
    for (const auto& [name, value] : data.items())
    {
        refuseReserved(name);
        entries.emplace(name, asText(value));
    }
    return entries;
}

} // namespace carillon::notification
