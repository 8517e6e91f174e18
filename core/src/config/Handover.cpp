#include "config/Handover.h"

#include "carillon/Errors.h"
#include "config/EnumNames.h"
#include "config/Key.h"

#include <nlohmann/json.hpp>

namespace carillon::config
{

namespace
{

using Json = nlohmann::json;

constexpr int formatVersion = 1;

Json toJson(const Entry& entry)
{
    const auto& origin = entry.origin;
    return Json::array(
        {entry.key, entry.value, entry.items, entry.secret, static_cast<int>(origin.layer), origin.source, origin.line, origin.column});
}

Entry entryFrom(const Json& json)
{
    Entry entry;
    entry.key = json.at(0).get<std::string>();
    entry.value = json.at(1).get<std::string>();
    entry.items = json.at(2).get<std::vector<std::string>>();
    entry.secret = json.at(3).get<bool>();
    entry.origin.layer = static_cast<Origin::Layer>(json.at(4).get<int>());
    entry.origin.source = json.at(5).get<std::string>();
    entry.origin.line = json.at(6).get<int>();
    entry.origin.column = json.at(7).get<int>();
    return entry;
}

void assign(Configuration& configuration, const Entry& entry)
{
    if (entry.key.starts_with("plugin."))
    {
        const auto name = splitPath(entry.key)[1];
        configuration.plugin[name].emplace(entry.key.substr(name.size() + 8), entry);
        return;
    }
    const Match found = match(entry.key);
    if (found.key == nullptr) throw ConfigurationError("the handed-over configuration has an unknown key '" + entry.key + "'");
    const auto parsed = parseValue(found.key->rule, entry.value, entry.items, true);
    if (!parsed.value) throw ConfigurationError("the handed-over configuration is damaged: '" + entry.key + "' " + parsed.error);
    found.key->assign(configuration, found.name, *parsed.value);
}

} // namespace

std::string serialize(const Configuration& configuration)
{
    Json files = Json::array();
    for (const auto& file : configuration.files) files.push_back(file.string());
    Json entries = Json::array();
    for (const auto& entry : configuration.entries) entries.push_back(toJson(entry));
    return Json{{"version", formatVersion},
                {"environment", toString(configuration.environment)},
                {"base", configuration.baseDirectory.string()},
                {"files", files},
                {"entries", entries}}
        .dump();
}

Configuration deserialize(const std::string& text)
{
    try
    {
        const Json json = Json::parse(text);
        if (json.at("version").get<int>() != formatVersion)
            throw ConfigurationError("the handed-over configuration is of another version of Carillon");
        Configuration configuration;
        configuration.environment = fromName<Environment>(json.at("environment").get<std::string>()).value();
        configuration.baseDirectory = json.at("base").get<std::string>();
        for (const auto& file : json.at("files")) configuration.files.emplace_back(file.get<std::string>());
        for (const auto& each : json.at("entries"))
        {
            configuration.entries.push_back(entryFrom(each));
            assign(configuration, configuration.entries.back());
        }
        return configuration;
    }
    catch (const Json::exception&)
    {
        // Its text may quote the content, which holds secrets.
        throw ConfigurationError("the handed-over configuration is damaged; this process must be started by its master");
    }
    catch (const std::bad_optional_access&)
    {
        throw ConfigurationError("the handed-over configuration names an unknown environment");
    }
}

} // namespace carillon::config
