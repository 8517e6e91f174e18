#include "config/Report.h"

#include "config/Key.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace carillon::config
{

namespace
{

using Json = nlohmann::ordered_json;

std::string shown(const Entry& entry)
{
    if (!entry.secret || entry.value.empty()) return entry.value;
    const Match found = match(entry.key);
    if (found.key != nullptr && found.key->secrecy == Secrecy::Credentials) return maskedDsn(entry.value);
    return "***";
}

std::string variableFor(const Key& key)
{
    std::string name = "CARILLON__";
    for (const char letter : key.pattern)
    {
        if (letter == '.')
            name += "__";
        else
            name += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    return name;
}

std::string defaultOf(const Key& key)
{
    if (!key.unset.empty()) return key.unset;
    return key.defaultText.empty() ? "none" : key.defaultText;
}

} // namespace

std::string maskedDsn(const std::string& dsn)
{
    const auto scheme = dsn.find("://");
    if (scheme == std::string::npos) return "***";
    const auto begin = scheme + 3;
    // The last @ before the path: a password may hold one that was not encoded.
    const auto end = dsn.find('/', begin);
    const auto at = dsn.substr(0, end).rfind('@');
    std::string text = at == std::string::npos || at < begin ? dsn : dsn.substr(0, begin) + "***" + dsn.substr(at);
    // Some drivers take the password as an option.
    if (const auto query = text.find('?'); query != std::string::npos) text.replace(query + 1, std::string::npos, "***");
    return text;
}

std::vector<ShownValue> shownValues(const Configuration& configuration)
{
    std::vector<ShownValue> values;
    for (const auto& entry : configuration.entries) values.push_back({entry.key, shown(entry), entry.origin.text()});
    return values;
}

std::string showText(const Configuration& configuration, const std::string& prefix)
{
    auto values = shownValues(configuration);
    std::erase_if(values, [&](const ShownValue& value) { return !value.key.starts_with(prefix); });
    std::size_t keyWidth = 0;
    std::size_t valueWidth = 0;
    constexpr std::size_t widestValue = 60;
    for (const auto& value : values)
    {
        keyWidth = std::max(keyWidth, value.key.size());
        valueWidth = std::max(valueWidth, std::min(value.value.size(), widestValue));
    }
    std::string text = fmt::format("environment {}\n", toString(configuration.environment));
    for (const auto& value : values)
        text += fmt::format("{:<{}}  {:<{}}  {}\n", value.key, keyWidth, value.value, valueWidth, value.origin);
    return text;
}

std::string showJson(const Configuration& configuration, const std::string& prefix)
{
    Json values = Json::array();
    for (const auto& value : shownValues(configuration))
    {
        if (value.key.starts_with(prefix)) values.push_back({{"key", value.key}, {"value", value.value}, {"origin", value.origin}});
    }
    return Json{{"environment", toString(configuration.environment)}, {"values", values}}.dump(2) + "\n";
}

std::string checkText(const LoadResult& result)
{
    std::string text;
    for (const auto& problem : result.problems) text += problem.text() + "\n";
    if (!result.configuration)
        return text + fmt::format("{} problem{} found\n", result.problems.size(), result.problems.size() == 1 ? "" : "s");

    const auto& configuration = *result.configuration;
    return text + fmt::format("OK: environment {}, read {}; transports {}, routes {}, groups {}\n", toString(configuration.environment),
                              fmt::join(result.files, ", "), configuration.transports.size(), configuration.routing.size(),
                              configuration.groups.size());
}

std::string checkJson(const LoadResult& result)
{
    Json problems = Json::array();
    for (const auto& problem : result.problems) problems.push_back({{"place", problem.place}, {"message", problem.message}});
    return Json{{"ok", result.configuration.has_value()}, {"files", result.files}, {"problems", problems}}.dump(2) + "\n";
}

std::string referenceText()
{
    std::string text;
    std::string section;
    for (const auto& key : keys())
    {
        if (key.section() != section)
        {
            section = key.section();
            if (!text.empty()) text += "\n";
        }
        text += fmt::format("{}\n    {}\n    {}; default: {}\n", key.pattern, key.help, key.rule.describe(), defaultOf(key));
        if (key.isSecret()) text += fmt::format("    secret; {}_file names a file that holds it\n", key.pattern);
        text += fmt::format("    {}\n", variableFor(key));
    }
    text += "\nplugin.<plugin>.<key>\n    What a plugin reads; 'carillon plugin:list' names its keys.\n    as the plugin declares\n"
            "    CARILLON__PLUGIN__<PLUGIN>__<KEY>\n";
    return text;
}

std::string referenceJson()
{
    Json list = Json::array();
    for (const auto& key : keys())
    {
        list.push_back({{"key", key.pattern},
                        {"type", key.rule.describe()},
                        {"default", key.defaultText},
                        {"otherwise", key.unset},
                        {"secret", key.isSecret()},
                        {"variable", variableFor(key)},
                        {"help", key.help}});
    }
    return list.dump(2) + "\n";
}

} // namespace carillon::config
