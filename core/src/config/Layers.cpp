#include "config/Layers.h"

#include "config/EnumNames.h"
#include "config/Nearest.h"
#include "config/Values.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace carillon::config
{

namespace
{

namespace fs = std::filesystem;

constexpr std::string_view variablePrefix = "CARILLON__";
const fs::path systemFolder = "/etc/carillon";

std::string extension(FileFormat format) { return format == FileFormat::Yaml ? ".yaml" : ".ini"; }

bool isThere(const fs::path& file)
{
    std::error_code ignored;
    return fs::exists(file, ignored);
}

class LayerReader
{
public:
    explicit LayerReader(const LoadOptions& options) : _options(options) {}

    Layers read()
    {
        const bool isChosen = chooseEnvironment() && chooseFile();
        if (!isChosen)
        {
            _layers.isComplete = false;
            return std::move(_layers);
        }
        readFile(_file, Origin::Layer::BaseFile);
        readEnvironmentFile();
        readVariables();
        readOverrides();
        return std::move(_layers);
    }

private:
    bool refuse(std::string place, std::string message)
    {
        _layers.problems.push_back({std::move(place), std::move(message)});
        return false;
    }

    std::optional<std::string> variable(std::string_view name) const
    {
        const auto found = _options.variables.find(name);
        if (found == _options.variables.end() || found->second.empty()) return std::nullopt;
        return found->second;
    }

    bool chooseEnvironment()
    {
        const auto fromVariable = variable("CARILLON_ENV");
        if (!_options.environment && !fromVariable) return true;

        const std::string name = _options.environment.value_or(fromVariable.value_or(""));
        const std::string place = _options.environment ? "command line" : "environment CARILLON_ENV";
        if (const auto known = fromName<Environment>(name))
        {
            _layers.environment = *known;
            return true;
        }
        const std::vector<std::string> names{"dev", "test", "stage", "prod"};
        std::string message = fmt::format("unknown environment '{}'; there are {}", name, fmt::join(names, ", "));
        if (const auto close = nearest(name, names)) message += fmt::format("; did you mean '{}'?", *close);
        return refuse(place, message);
    }

    bool chooseFile()
    {
        const auto fromVariable = variable("CARILLON_CONFIG");
        if (_options.file || fromVariable)
        {
            const std::string place = _options.file ? "command line" : "environment CARILLON_CONFIG";
            return chooseNamedFile(_options.file ? *_options.file : fs::path(*fromVariable), place);
        }
        const auto formats = _options.format ? std::vector{*_options.format} : std::vector{FileFormat::Yaml, FileFormat::Ini};
        for (const auto& folder : {_options.workingDirectory / "etc", systemFolder})
        {
            for (const auto format : formats)
            {
                const auto candidate = folder / ("carillon" + extension(format));
                if (isThere(candidate)) return take(candidate, format);
            }
        }
        return refuse(
            "",
            fmt::format("no configuration found: there is no carillon.yaml or carillon.ini in '{}' or '{}'; name one with --config FILE",
                        (_options.workingDirectory / "etc").string(), systemFolder.string()));
    }

    bool chooseNamedFile(const fs::path& named, const std::string& place)
    {
        const auto file = (_options.workingDirectory / named).lexically_normal();
        const auto suffix = file.extension();
        std::optional<FileFormat> bySuffix;
        if (suffix == ".yaml" || suffix == ".yml") bySuffix = FileFormat::Yaml;
        if (suffix == ".ini") bySuffix = FileFormat::Ini;
        if (bySuffix && _options.format && bySuffix != _options.format)
        {
            return refuse(place, fmt::format("'{}' is not of the format that was asked for; leave the format out", named.string()));
        }
        const auto format = bySuffix ? bySuffix : _options.format;
        if (!format) return refuse(place, fmt::format("'{}' may be yaml or ini; give it that suffix", named.string()));
        if (!isThere(file))
            return refuse(place, fmt::format("configuration file '{}' does not exist; name another with --config", named.string()));
        return take(file, *format);
    }

    bool take(const fs::path& file, FileFormat format)
    {
        _file = file;
        _format = format;
        const auto folder = fs::absolute(file).lexically_normal().parent_path();
        // A checkout's etc/ is not where state and plugins belong; /etc/carillon is its own base, and packages set absolute paths.
        _layers.baseDirectory = folder.filename() == "etc" && folder != "/etc" ? folder.parent_path() : folder;
        return true;
    }

    /// As short as a person would name it.
    std::string shown(const fs::path& file) const
    {
        const auto relative = file.lexically_relative(_options.workingDirectory);
        if (relative.empty() || *relative.begin() == "..") return file.string();
        return relative.string();
    }

    void readFile(const fs::path& file, Origin::Layer layer)
    {
        Origin origin;
        origin.layer = layer;
        origin.source = shown(file);
        const auto text = readSource(file, origin.source, _layers.problems);
        if (!text) return;
        _layers.files.push_back(file);
        _layers.shownFiles.push_back(origin.source);
        Document document = _format == FileFormat::Yaml ? readYaml(*text, origin) : readIni(*text, origin);
        append(std::move(document));
    }

    void append(Document document)
    {
        std::move(document.settings.begin(), document.settings.end(), std::back_inserter(_layers.settings));
        std::move(document.problems.begin(), document.problems.end(), std::back_inserter(_layers.problems));
    }

    void readEnvironmentFile()
    {
        const auto suffix = _file.extension() == ".yml" ? std::string(".yml") : extension(_format);
        const auto name = toString(_layers.environment);
        const auto file = _file.parent_path() / (name + suffix);
        if (isThere(file)) return readFile(file, Origin::Layer::EnvironmentFile);

        for (const std::string other : {".yaml", ".yml", ".ini"})
        {
            const auto mixed = _file.parent_path() / (name + other);
            if (!isThere(mixed)) continue;
            refuse(shown(mixed), fmt::format("is not read beside '{}'; both must have one format and suffix: rename or convert it to '{}'",
                                             shown(_file), shown(file)));
        }
    }

    void readVariables()
    {
        for (const auto& [name, text] : _options.variables)
        {
            if (!name.starts_with(variablePrefix)) continue;
            Setting setting;
            setting.origin.layer = Origin::Layer::EnvironmentVariable;
            setting.origin.source = name;
            std::string rest = name.substr(variablePrefix.size());
            std::transform(rest.begin(), rest.end(), rest.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
            for (auto at = rest.find("__"); at != std::string::npos; at = rest.find("__", at + 1)) rest.replace(at, 2, ".");
            setting.path = rest;
            takeText(std::move(setting), text);
        }
    }

    void readOverrides()
    {
        for (const auto& override : _options.overrides)
        {
            const auto equals = override.find('=');
            if (equals == std::string::npos || equals == 0)
            {
                refuse("command line", fmt::format("--set {}: write --set key=value", override.substr(0, equals)));
                continue;
            }
            Setting setting;
            setting.origin.layer = Origin::Layer::CommandLine;
            setting.path = std::string(trimmed(std::string_view(override).substr(0, equals)));
            // Of several for one key the last counts, as everywhere on command lines.
            std::erase_if(_layers.settings, [&](const Setting& other)
                          { return other.origin.layer == Origin::Layer::CommandLine && other.path == setting.path; });
            takeText(std::move(setting), override.substr(equals + 1));
        }
    }

    void takeText(Setting setting, const std::string& text)
    {
        const bool isOneLine = std::none_of(text.begin(), text.end(), [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; });
        if (!isOneLine || firstInvalidUtf8(text))
        {
            refuse(setting.origin.text(), fmt::format("'{}' must be one line of UTF-8 text", setting.path));
            return;
        }
        setting.text = text;
        _layers.settings.push_back(std::move(setting));
    }

    const LoadOptions& _options;
    Layers _layers;
    fs::path _file;
    FileFormat _format = FileFormat::Yaml;
};

} // namespace

Layers readLayers(const LoadOptions& options) { return LayerReader(options).read(); }

std::optional<FileFormat> parseFileFormat(const std::string& name)
{
    if (name == "yaml") return FileFormat::Yaml;
    if (name == "ini") return FileFormat::Ini;
    return std::nullopt;
}

} // namespace carillon::config
