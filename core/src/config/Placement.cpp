#include "config/Placement.h"

#include <algorithm>
#include <fmt/format.h>

namespace carillon::config
{

namespace
{

std::string withUnderscores(std::string name)
{
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/// Names of transports, groups and plugins; message types are such words joined by dots.
bool isName(std::string_view name, bool mayHaveDots)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    if (name.empty() || name.size() > 100) return false;
    const auto parts = splitPath(name);
    if (parts.size() > 1 && !mayHaveDots) return false;
    return std::all_of(parts.begin(), parts.end(),
                       [&](const std::string& part)
                       { return !part.empty() && part.front() != '-' && part.find_first_not_of(allowed) == std::string::npos; });
}

class Placer
{
public:
    Placement placeAll(std::vector<Setting> settings)
    {
        for (auto& setting : settings) place(std::move(setting));
        return std::move(_result);
    }

private:
    void refuse(const Origin& origin, std::string message) { _result.problems.push_back({origin.text(), std::move(message)}); }

    /// Finds the key of a setting, or says that there is none.
    void place(Setting setting)
    {
        if (setting.path.starts_with("plugin.")) return placePluginSetting(std::move(setting));

        Match found = match(setting.path);
        if (found.key == nullptr) return placeSection(setting);
        if (found.key->isNamed())
        {
            if (setting.origin.layer == Origin::Layer::EnvironmentVariable) found.name = existingName(found.key->section(), found.name);
            const bool isForAll = found.key->section() == "routing" && found.name == "*";
            const bool mayHaveDots = found.key->pattern.find("<type>") != std::string::npos;
            if (!isForAll && !isName(found.name, mayHaveDots)) return refuseName(setting, found.name);
            _result.names[found.key->section()].insert(found.name);
        }
        const std::string path = found.key->path(found.name);
        add(path, Candidate{found.key, found.name, found.isFileTwin, std::move(setting)});
    }

    void placePluginSetting(Setting setting)
    {
        const auto parts = splitPath(setting.path);
        if (parts.size() < 3 || parts[2].empty())
        {
            if (setting.form == Setting::Form::Section && parts.size() == 2) return;
            return refuse(setting.origin, fmt::format("'{}' is no plugin's key; write plugin.<name>.<key>", setting.path));
        }
        std::string name = parts[1];
        if (setting.origin.layer == Origin::Layer::EnvironmentVariable) name = existingName("plugin", name);
        if (!isName(name, false)) return refuseName(setting, name);
        _result.names["plugin"].insert(name);
        const std::string path = "plugin." + name + setting.path.substr(7 + parts[1].size());
        add(path, Candidate{nullptr, name, false, std::move(setting)});
    }

    void placeSection(const Setting& setting)
    {
        std::string name;
        const bool isKnown = isSection(setting.path, name) || setting.path == "plugin";
        if (!isKnown) return refuseUnknown(setting);
        const bool hasContent = setting.form != Setting::Form::Section && setting.form != Setting::Form::Nothing;
        if (hasContent)
            return refuse(setting.origin,
                          fmt::format("'{}' is a section; its keys go below it, e.g. '{}'", setting.path, example(setting.path)));
        // `transports: {notifications: {}}` makes a transport of defaults.
        if (name.empty() || splitPath(setting.path).size() != 2) return;
        if (!isName(name, false)) return refuseName(setting, name);
        _result.names[splitPath(setting.path).front()].insert(name);
    }

    static std::string example(const std::string& section)
    {
        for (const auto& key : keys())
        {
            if (key.pattern.starts_with(section + ".")) return key.pattern;
        }
        return section + ".…";
    }

    void refuseName(const Setting& setting, const std::string& name)
    {
        refuse(setting.origin, fmt::format("'{}': '{}' is no name; use a-z, 0-9, _ and -", setting.path, name));
    }

    void refuseUnknown(const Setting& setting)
    {
        if (setting.path == "environment" || setting.path == "env")
        {
            return refuse(
                setting.origin,
                fmt::format("'{}' cannot be set here: the environment chooses the files; use --env or CARILLON_ENV", setting.path));
        }
        std::string message = fmt::format("unknown key '{}'", setting.path);
        if (const auto close = nearestKey(setting.path))
            message += fmt::format("; did you mean '{}'?", *close);
        else
            message += "; 'carillon config:reference' prints every key";
        refuse(setting.origin, message);
    }

    /// Variables cannot hold `-`: STATUS_UPDATE means status-update where a lower layer has such a name.
    std::string existingName(const std::string& section, const std::string& name) const
    {
        const auto known = _result.names.find(section);
        if (known == _result.names.end() || known->second.contains(name)) return name;
        for (const auto& each : known->second)
        {
            if (withUnderscores(each) == withUnderscores(name)) return each;
        }
        return name;
    }

    void add(const std::string& path, Candidate candidate)
    {
        auto& list = _result.candidates[path];
        if (list.empty()) _result.order.push_back(path);
        list.push_back(std::move(candidate));
    }

    Placement _result;
};

} // namespace

Placement place(std::vector<Setting> settings) { return Placer().placeAll(std::move(settings)); }

std::string pluginKey(const std::string& path)
{
    constexpr std::size_t sectionLength = 7; // "plugin."
    return path.substr(path.find('.', sectionLength));
}

} // namespace carillon::config
