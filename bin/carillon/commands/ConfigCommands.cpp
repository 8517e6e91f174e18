#include "commands/CommandAssembly.h"
#include "commands/Commands.h"
#include "config/Report.h"

#include <iostream>

namespace carillon::commands
{
namespace
{

class ConfigCheckCommand final : public cli::Command
{
public:
    std::string name() const override { return "config:check"; }
    std::string summary() const override { return "Check the configuration and name every problem with its place"; }
    std::vector<cli::OptionSpec> options() const override { return {formatOption()}; }
    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        const config::LoadResult result = config::load(session.loadOptions());
        const bool isJson = wantsJson(invocation);
        (result || isJson ? std::cout : std::cerr) << (isJson ? config::checkJson(result) : config::checkText(result));
        return result ? cli::Success : cli::BadConfiguration;
    }
};

class ConfigShowCommand final : public cli::Command
{
public:
    std::string name() const override { return "config:show"; }
    std::string summary() const override { return "Show every effective value and where it came from; secrets are masked"; }
    std::string arguments() const override { return "[key prefix]"; }
    std::size_t maxArguments() const override { return 1; }
    std::vector<cli::OptionSpec> options() const override { return {formatOption()}; }
    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        const std::string prefix = invocation.arguments.empty() ? std::string() : invocation.arguments.front();
        const auto& configuration = session.configuration();
        std::cout << (wantsJson(invocation) ? config::showJson(configuration, prefix) : config::showText(configuration, prefix));
        return cli::Success;
    }
};

class ConfigReferenceCommand final : public cli::Command
{
public:
    std::string name() const override { return "config:reference"; }
    std::string summary() const override { return "Show every key with its type, default and meaning"; }
    std::vector<cli::OptionSpec> options() const override { return {formatOption()}; }
    int run(const cli::Invocation& invocation, cli::Session&) override
    {
        std::cout << (wantsJson(invocation) ? config::referenceJson() : config::referenceText());
        return cli::Success;
    }
};

} // namespace

std::unique_ptr<cli::Command> makeConfigCheckCommand()
{
    return std::make_unique<ConfigCheckCommand>();
}

std::unique_ptr<cli::Command> makeConfigShowCommand()
{
    return std::make_unique<ConfigShowCommand>();
}

std::unique_ptr<cli::Command> makeConfigReferenceCommand()
{
    return std::make_unique<ConfigReferenceCommand>();
}

} // namespace carillon::commands
