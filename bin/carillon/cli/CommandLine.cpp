#include "cli/CommandLine.h"

#include "config/Nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace carillon::cli
{
namespace
{

const std::vector<OptionSpec>& globalSpecs()
{
    static const std::vector<OptionSpec> specs{
        {"env", "e", "Environment: dev, test, stage or prod (else CARILLON_ENV, else dev)", "NAME"},
        {"config", "c", "Configuration file (else CARILLON_CONFIG, else etc/carillon.yaml)", "FILE"},
        {"config-format", "", "Which twin to read where both are there: yaml or ini", "FORMAT"},
        {"set", "", "Override one configuration value, as key=value", "KEY=VALUE", true},
        {"verbose", "v", "More messages; twice for debug", ""},
        {"ansi", "", "Colours even without a terminal", ""},
        {"no-ansi", "", "No colours", ""},
        {"no-interaction", "n", "Ask nothing", ""},
        {"help", "h", "Show this help", ""},
        {"version", "V", "Show the version", ""},
    };
    return specs;
}

const OptionSpec* findLong(const std::vector<OptionSpec>& specs, const std::string& name)
{
    const auto found = std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& spec) { return spec.name == name; });
    return found == specs.end() ? nullptr : &*found;
}

const OptionSpec* findShort(const std::vector<OptionSpec>& specs, char letter)
{
    const auto found =
        std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& spec) { return spec.shortName.size() == 1 && spec.shortName[0] == letter; });
    return found == specs.end() ? nullptr : &*found;
}

std::string didYouMean(const std::string& word, const std::vector<std::string>& known)
{
    const auto near = config::nearest(word, known);
    return near ? fmt::format("; did you mean '{}'?", *near) : ";";
}

Command* findCommand(const std::string& word, const std::vector<std::unique_ptr<Command>>& commands)
{
    std::vector<std::string> known;
    for (const auto& command : commands)
    {
        std::vector<std::string> names = command->aliases();
        names.push_back(command->name());
        if (std::find(names.begin(), names.end(), word) != names.end()) return command.get();
        if (!command->isHidden()) known.push_back(command->name());
    }
    throw UsageError(fmt::format("unknown command '{}'{} `carillon --help` lists all", word, didYouMean(word, known)));
}

/// Command and global options found so far, in the order of the line.
struct Found
{
    std::map<std::string, std::vector<std::string>> options;
    int verbosity = 0;
};

/// Where each word goes. Options may stand before and behind the command and its arguments; `--` ends them.
class Reader
{
public:
    Reader(const std::vector<std::string>& words, const std::vector<std::unique_ptr<Command>>& commands) : _words(words), _commands(commands) {}

    ParsedLine read(config::LoadOptions load)
    {
        bool onlyArguments = false;
        for (_at = 0; _at < _words.size(); ++_at)
        {
            const std::string& word = _words[_at];
            if (onlyArguments || word.empty() || word[0] != '-' || word == "-")
                argument(word);
            else if (word == "--")
                onlyArguments = true;
            else if (word.rfind("--", 0) == 0)
                longOption(word.substr(2));
            else
                shortOptions(word.substr(1));
        }
        _parsed.invocation.options = _found.options;
        takeGlobals(std::move(load));
        return std::move(_parsed);
    }

private:
    void argument(const std::string& word)
    {
        if (_parsed.command == nullptr)
        {
            _parsed.command = findCommand(word, _commands);
            _parsed.invocation.command = word;
            _specs = _parsed.command->options();
            return;
        }
        if (_parsed.invocation.arguments.size() == _parsed.command->maxArguments())
            throw UsageError(fmt::format("'{}' is one argument too many for {}; see `carillon {} --help`", word, _parsed.command->name(),
                                         _parsed.command->name()));
        _parsed.invocation.arguments.push_back(word);
    }

    void longOption(const std::string& text)
    {
        const auto equals = text.find('=');
        const std::string name = text.substr(0, equals);
        const OptionSpec* spec = findLong(_specs, name);
        if (spec == nullptr) spec = findLong(globalSpecs(), name);
        if (spec == nullptr) unknown("--" + name, name);
        if (equals == std::string::npos)
            store(*spec, spec->valueName.empty() ? "" : nextWord(*spec));
        else if (spec->valueName.empty())
            throw UsageError(fmt::format("option '--{}' takes no value", name));
        else
            store(*spec, text.substr(equals + 1));
    }

    void shortOptions(const std::string& letters)
    {
        for (std::size_t i = 0; i < letters.size(); ++i)
        {
            const OptionSpec* spec = findShort(_specs, letters[i]);
            if (spec == nullptr) spec = findShort(globalSpecs(), letters[i]);
            if (spec == nullptr) unknown(fmt::format("-{}", letters[i]), std::string(1, letters[i]));
            if (spec->valueName.empty())
            {
                store(*spec, "");
                continue;
            }
            std::string rest = letters.substr(i + 1);
            if (!rest.empty() && rest[0] == '=') rest.erase(0, 1);
            store(*spec, rest.empty() ? nextWord(*spec) : rest);
            return;
        }
    }

    [[noreturn]] void unknown(const std::string& shown, const std::string& name) const
    {
        std::vector<std::string> known;
        for (const auto& spec : _specs)
            known.push_back(spec.name);
        for (const auto& spec : globalSpecs())
            known.push_back(spec.name);
        const std::string command = _parsed.command == nullptr ? "" : " " + _parsed.command->name();
        throw UsageError(fmt::format("unknown option '{}'{}{} see `carillon{} --help`", shown, command.empty() ? " (options of a command go behind its name)" : "",
                                     didYouMean(name, known), command));
    }

    std::string nextWord(const OptionSpec& spec)
    {
        if (_at + 1 >= _words.size()) throw UsageError(fmt::format("option '--{}' needs a value: --{} {}", spec.name, spec.name, spec.valueName));
        return _words[++_at];
    }

    void store(const OptionSpec& spec, std::string value)
    {
        if (spec.name == "verbose") ++_found.verbosity;
        auto& values = _found.options[spec.name];
        if (!values.empty() && !spec.isRepeatable && !spec.valueName.empty())
            throw UsageError(fmt::format("option '--{}' was given twice; give it once", spec.name));
        values.push_back(std::move(value));
    }

    void takeGlobals(config::LoadOptions load)
    {
        GlobalOptions& global = _parsed.global;
        const Invocation& all = _parsed.invocation;
        global.load = std::move(load);
        global.verbosity = _found.verbosity;
        if (all.has("ansi")) global.colours = Console::Colours::Always;
        if (all.has("no-ansi")) global.colours = Console::Colours::Never;
        global.wantsHelp = all.has("help");
        global.wantsVersion = all.has("version");
        global.noInteraction = all.has("no-interaction");
        if (all.has("env")) global.load.environment = all.value("env");
        if (all.has("config")) global.load.file = all.value("config");
        if (all.has("config-format"))
        {
            global.load.format = config::parseFileFormat(all.value("config-format"));
            if (!global.load.format) throw UsageError(fmt::format("--config-format is yaml or ini, not '{}'", all.value("config-format")));
        }
        for (const std::string& assignment : all.values("set"))
            global.load.overrides.push_back(assignment);
    }

    const std::vector<std::string>& _words;
    const std::vector<std::unique_ptr<Command>>& _commands;
    std::size_t _at = 0;
    ParsedLine _parsed;
    std::vector<OptionSpec> _specs;
    Found _found;
};

std::string optionLines(const std::vector<OptionSpec>& specs)
{
    std::string text;
    for (const OptionSpec& spec : specs)
    {
        const std::string letter = spec.shortName.empty() ? "    " : fmt::format("-{}, ", spec.shortName);
        const std::string value = spec.valueName.empty() ? "" : "=" + spec.valueName;
        text += fmt::format("  {}--{:<26} {}{}\n", letter, spec.name + value, spec.help, spec.isRepeatable ? " (repeatable)" : "");
    }
    return text;
}

} // namespace

std::string Invocation::value(const std::string& option, const std::string& otherwise) const
{
    const auto found = options.find(option);
    return found == options.end() ? otherwise : found->second.back();
}

std::vector<std::string> Invocation::values(const std::string& option) const
{
    const auto found = options.find(option);
    return found == options.end() ? std::vector<std::string>{} : found->second;
}

std::uint64_t Invocation::number(const std::string& option, std::uint64_t otherwise, std::uint64_t least) const
{
    if (!has(option)) return otherwise;
    const std::string text = value(option);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < least)
        throw UsageError(fmt::format("--{} takes a whole number from {} on, not '{}'", option, least, text));
    return number;
}

const config::Configuration& Session::configuration()
{
    if (_configuration) return *_configuration;
    config::LoadResult result = config::load(_load);
    if (!result)
    {
        for (const auto& problem : result.problems)
            _console.error(problem.text());
        throw Exit{BadConfiguration};
    }
    _configuration = std::make_unique<config::Configuration>(std::move(*result.configuration));
    return *_configuration;
}

ParsedLine parse(const std::vector<std::string>& words, const std::vector<std::unique_ptr<Command>>& commands, config::LoadOptions load)
{
    return Reader(words, commands).read(std::move(load));
}

std::string helpText(const std::vector<std::unique_ptr<Command>>& commands)
{
    std::string text = "Carillon: runs plugin-driven workers, and sends patients' notifications.\n\nUsage:\n  carillon <command> [options] [arguments]\n\nCommands:\n";
    for (const auto& command : commands)
        if (!command->isHidden()) text += fmt::format("  {:<22} {}\n", command->name(), command->summary());
    return text + "\nOptions of every command:\n" + optionLines(globalSpecs());
}

std::string helpText(const Command& command)
{
    std::string text = fmt::format("{}\n\nUsage:\n  carillon {} [options]{}\n", command.summary(), command.name(),
                                   command.arguments().empty() ? "" : " " + command.arguments());
    const auto aliases = command.aliases();
    for (const std::string& alias : aliases)
        text += fmt::format("  also: carillon {}\n", alias);
    if (const auto own = command.options(); !own.empty()) text += "\nOptions:\n" + optionLines(own);
    return text + "\nOptions of every command:\n" + optionLines(globalSpecs());
}

} // namespace carillon::cli
