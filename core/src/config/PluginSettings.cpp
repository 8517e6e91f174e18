#include "config/PluginSettings.h"

#include "config/Nearest.h"
#include "config/SecretFile.h"
#include "config/Values.h"

#include <algorithm>
#include <fmt/format.h>

namespace carillon::config
{

namespace
{

ValueRule ruleFor(SettingType type)
{
    ValueRule rule;
    switch (type)
    {
    case SettingType::Text:
        rule.kind = ValueKind::Text;
        break;
    case SettingType::Boolean:
        rule.kind = ValueKind::Boolean;
        break;
    case SettingType::Integer:
        rule.kind = ValueKind::Integer;
        break;
    case SettingType::Number:
        rule.kind = ValueKind::Number;
        break;
    case SettingType::Duration:
        rule.kind = ValueKind::Duration;
        break;
    case SettingType::Size:
        rule.kind = ValueKind::Size;
        break;
    case SettingType::Path:
        rule.kind = ValueKind::Path;
        break;
    case SettingType::List:
        rule.kind = ValueKind::List;
        break;
    }
    return rule;
}

std::string withUnderscores(std::string name)
{
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

class Validator
{
public:
    Validator(const Configuration& configuration, const std::string& plugin, const std::vector<SettingDeclaration>& declared)
        : _configuration(configuration),
          _plugin(plugin),
          _declared(declared)
    {
        // A variable cannot hold `-`, so CARILLON__PLUGIN__STATUS_UPDATE__X may have made a section of its own; it is the higher layer.
        for (const auto& [name, values] : configuration.plugin)
        {
            if (name == plugin) merge(values, false);
        }
        for (const auto& [name, values] : configuration.plugin)
        {
            if (name != plugin && withUnderscores(name) == withUnderscores(plugin)) merge(values, true);
        }
    }

    PluginSettings validate()
    {
        for (const auto& [key, entry] : _given) checkIsDeclared(key, entry);
        for (const auto& declaration : _declared) take(declaration);
        _result.settings = Settings(std::move(_values));
        return std::move(_result);
    }

private:
    void merge(const PluginValues& values, bool isFromVariables)
    {
        for (const auto& [key, entry] : values)
        {
            const bool isMeant = !isFromVariables || entry.origin.layer == Origin::Layer::EnvironmentVariable;
            if (isMeant) _given.insert_or_assign(key, entry);
        }
    }

    void refuse(const Entry& entry, std::string message) { _result.problems.push_back({entry.origin.text(), std::move(message)}); }

    std::string path(const std::string& key) const { return "plugin." + _plugin + "." + key; }

    void checkIsDeclared(const std::string& key, const Entry& entry)
    {
        std::vector<std::string> known;
        for (const auto& declaration : _declared)
        {
            known.push_back(declaration.key);
            if (declaration.isSecret) known.push_back(declaration.key + "_file");
        }
        if (std::find(known.begin(), known.end(), key) != known.end()) return;
        std::string message = fmt::format("unknown key '{}'", path(key));
        if (const auto close = nearest(key, known))
            message += fmt::format("; did you mean '{}'?", path(*close));
        else if (known.empty())
            message += fmt::format("; plugin '{}' reads no keys", _plugin);
        else
            message += fmt::format("; plugin '{}' reads: {}", _plugin, joinList(known));
        refuse(entry, message);
    }

    void take(const SettingDeclaration& declaration)
    {
        const auto given = _given.find(declaration.key);
        const auto twin = declaration.isSecret ? _given.find(declaration.key + "_file") : _given.end();
        if (twin != _given.end()) return takeSecret(declaration, given, twin->second);
        if (given != _given.end()) return parse(declaration, given->second);

        if (declaration.isRequired)
        {
            _result.problems.push_back({"", fmt::format("plugin '{}' needs '{}': {}", _plugin, path(declaration.key), declaration.help)});
            return;
        }
        Entry entry;
        entry.value = declaration.defaultValue;
        entry.items = splitList(entry.value);
        parse(declaration, entry);
    }

    void takeSecret(const SettingDeclaration& declaration, PluginValues::const_iterator given, const Entry& twin)
    {
        if (given != _given.end() && given->second.origin.layer == twin.origin.layer)
        {
            return refuse(twin, fmt::format("'{0}' and '{0}_file' are both set; keep one", path(declaration.key)));
        }
        if (given != _given.end() && given->second.origin.layer > twin.origin.layer) return parse(declaration, given->second);
        auto secret = readSecretFile((_configuration.baseDirectory / expanded(twin.value)).lexically_normal());
        if (!secret.text) return refuse(twin, fmt::format("'{}_file': {}", path(declaration.key), secret.error));
        Entry entry = twin;
        entry.value = std::move(*secret.text);
        entry.items = splitList(entry.value);
        parse(declaration, entry);
    }

    std::string expanded(std::string text) const
    {
        for (const auto& [word, folder] : {std::pair{std::string_view("%state_dir%"), _configuration.stateDirectory},
                                           std::pair{std::string_view("%base_dir%"), _configuration.baseDirectory}})
        {
            const auto at = text.find(word);
            if (at != std::string::npos) text.replace(at, word.size(), folder.string());
        }
        return text;
    }

    void parse(const SettingDeclaration& declaration, Entry entry)
    {
        const auto rule = ruleFor(declaration.type);
        if (rule.kind == ValueKind::Path && !entry.value.empty())
        {
            entry.value = (_configuration.baseDirectory / expanded(entry.value)).lexically_normal().string();
        }
        if (!rule.isList() && entry.value.empty() && rule.kind != ValueKind::Text && rule.kind != ValueKind::Path)
        {
            return refuse(entry, fmt::format("'{}' has no value; it must be a {}", path(declaration.key), rule.describe()));
        }
        auto parsed = parseValue(rule, entry.value, entry.items, declaration.isSecret);
        if (!parsed.value) return refuse(entry, fmt::format("'{}' {}", path(declaration.key), parsed.error));
        _values.emplace(declaration.key, std::move(*parsed.value));
    }

    const Configuration& _configuration;
    const std::string& _plugin;
    const std::vector<SettingDeclaration>& _declared;
    PluginValues _given;
    std::map<std::string, Value, std::less<>> _values;
    PluginSettings _result;
};

} // namespace

PluginSettings validatePluginSettings(const Configuration& configuration, const std::string& plugin,
                                      const std::vector<SettingDeclaration>& declared)
{
    return Validator(configuration, plugin, declared).validate();
}

std::vector<Problem> unknownPluginSections(const Configuration& configuration, const std::vector<std::string>& known)
{
    std::vector<Problem> problems;
    for (const auto& [name, values] : configuration.plugin)
    {
        const auto isSame = [&name = name](const std::string& other) { return withUnderscores(other) == withUnderscores(name); };
        if (values.empty() || std::any_of(known.begin(), known.end(), isSame)) continue;
        std::string message = fmt::format("'plugin.{}' is for a plugin that was not found", name);
        if (const auto close = nearest(name, known))
            message += fmt::format("; did you mean 'plugin.{}'?", *close);
        else
            message += "; remove it, or put the plugin into one of plugins.directories";
        problems.push_back({values.begin()->second.origin.text(), message});
    }
    return problems;
}

std::string checkDeclaration(const SettingDeclaration& declaration)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    if (declaration.key.empty() || declaration.key.find_first_not_of(allowed) != std::string::npos)
    {
        return fmt::format("setting '{}' is no key; use a-z, 0-9, _ and .", declaration.key);
    }
    if (declaration.isRequired) return {};
    const auto parsed = parseValue(ruleFor(declaration.type), declaration.defaultValue, splitList(declaration.defaultValue));
    if (!parsed.value) return fmt::format("the default of setting '{}' {}", declaration.key, parsed.error);
    return {};
}

} // namespace carillon::config
