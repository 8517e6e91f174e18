#include "commands/CommandAssembly.h"
#include "commands/Commands.h"
#include "compose/Launch.h"
#include "compose/WorkerAssembly.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <variant>

namespace carillon::commands
{
namespace
{

std::vector<std::string> typesOf(const plugin::Manifest& manifest)
{
    std::vector<std::string> types;
    for (const auto& handler : manifest.handlers)
        types.push_back(handler.type);
    return types;
}

class PluginListCommand final : public cli::Command
{
public:
    std::string name() const override { return "plugin:list"; }
    std::string summary() const override { return "Show the plugins found, their types, and those refused with the reason"; }
    std::vector<cli::OptionSpec> options() const override { return {formatOption()}; }
    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        const bool isJson = wantsJson(invocation);
        const plugin::ScanResult found = compose::scanPlugins(session.configuration());
        const cli::Console& console = session.console();
        if (isJson)
        {
            nlohmann::json accepted = nlohmann::json::array();
            for (const plugin::Manifest& manifest : found.accepted)
                accepted.push_back(nlohmann::json::parse(manifest.toJson()));
            nlohmann::json refused = nlohmann::json::array();
            for (const plugin::Refusal& refusal : found.refused)
                refused.push_back({{"file", refusal.file.string()}, {"reason", refusal.reason}, {"remedy", refusal.remedy}});
            nlohmann::json disabled = nlohmann::json::array();
            for (const auto& file : found.disabled)
                disabled.push_back(file.file.string());
            console.line(nlohmann::json{{"plugins", accepted}, {"refused", refused}, {"disabled", disabled}}.dump(2));
            return found.refused.empty() ? cli::Success : cli::Failed;
        }
        std::vector<std::vector<std::string>> rows;
        for (const plugin::Manifest& manifest : found.accepted)
            rows.push_back({manifest.name, manifest.version, fmt::format("{}", fmt::join(typesOf(manifest), ", ")), manifest.sha256.substr(0, 12), manifest.file.string()});
        if (rows.empty())
            console.line(fmt::format(" No plugin was found; drop one into {}.", session.configuration().plugins.directories.empty()
                                                                                    ? std::string("a folder named in plugins.directories")
                                                                                    : session.configuration().plugins.directories.front().string()));
        else
            console.table({"Plugin", "Version", "Types", "SHA-256", "File"}, rows);
        for (const auto& file : found.disabled)
            console.line(fmt::format(" disabled: {}", file.file.string()));
        for (const plugin::Refusal& refusal : found.refused)
            console.error("refused: " + refusal.text());
        for (const std::string& warning : found.warnings)
            console.warning(warning);
        return found.refused.empty() ? cli::Success : cli::Failed;
    }
};

class PluginCheckCommand final : public cli::Command
{
public:
    std::string name() const override { return "plugin:check"; }
    std::string summary() const override { return "Check one plugin file as a start would, and show what it declares"; }
    std::string arguments() const override { return "FILE"; }
    std::size_t maxArguments() const override { return 1; }
    std::vector<cli::OptionSpec> options() const override { return {formatOption()}; }
    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        if (invocation.arguments.empty()) throw cli::UsageError("plugin:check needs a file, like: carillon plugin:check plugins/send.so");
        const bool isJson = wantsJson(invocation);
        plugin::PluginCatalogue::Options options;
        options.stateDirectory = session.configuration().stateDirectory;
        options.useCache = false;
        const auto answer = plugin::PluginCatalogue(options).check(invocation.arguments.front());
        const cli::Console& console = session.console();
        if (const auto* refusal = std::get_if<plugin::Refusal>(&answer))
        {
            if (isJson)
                console.line(nlohmann::json{{"file", refusal->file.string()}, {"reason", refusal->reason}, {"remedy", refusal->remedy}}.dump(2));
            else
                console.error(refusal->text());
            return cli::Failed;
        }
        const auto& manifest = std::get<plugin::Manifest>(answer);
        if (isJson)
            console.line(nlohmann::json::parse(manifest.toJson()).dump(2));
        else
            console.success(fmt::format("{} {} handles {}", manifest.name, manifest.version, fmt::join(typesOf(manifest), ", ")));
        return cli::Success;
    }
};

} // namespace

std::unique_ptr<cli::Command> makePluginListCommand()
{
    return std::make_unique<PluginListCommand>();
}

std::unique_ptr<cli::Command> makePluginCheckCommand()
{
    return std::make_unique<PluginCheckCommand>();
}

} // namespace carillon::commands
