#include "commands/CommandAssembly.h"

#include "audit/AuditLog.h"
#include "compose/Launch.h"
#include "config/Values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace carillon::commands
{

CommandAssembly assemble(cli::Session& session)
{
    CommandAssembly result;
    result.configuration = &session.configuration();
    result.plugins = compose::scanPlugins(*result.configuration);
    for (const plugin::Refusal& refusal : result.plugins.refused)
        session.console().warning("plugin refused: " + refusal.text());
    result.assembly = std::make_unique<compose::Assembly>(*result.configuration, result.plugins.accepted, systemClock());
    result.assembly->setUp();
    return result;
}

void audit(cli::Session& session, const std::string& act, const std::string& what)
{
    audit::AuditLog(session.configuration().stateDirectory / "audit.log", systemClock()).record(audit::processUser(), act, what);
}

bool wantsJson(const cli::Invocation& invocation)
{
    const std::string format = invocation.value("format", "txt");
    if (format != "txt" && format != "json") throw cli::UsageError(fmt::format("--format is txt or json, not '{}'", format));
    return format == "json";
}

const cli::OptionSpec& formatOption()
{
    static const cli::OptionSpec option{"format", "", "txt or json", "FORMAT"};
    return option;
}

std::optional<std::chrono::milliseconds> durationOption(const cli::Invocation& invocation, const std::string& option)
{
    if (!invocation.has(option)) return {};
    const std::string text = invocation.value(option);
    // As in Symfony's commands a bare number is seconds.
    const bool isNumber = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    if (const auto duration = config::parseDuration(isNumber ? text + "s" : text)) return duration;
    throw cli::UsageError(fmt::format("--{} takes a duration like 10s, 500ms or 5m, not '{}'", option, text));
}

std::optional<std::uint64_t> sizeOption(const cli::Invocation& invocation, const std::string& option)
{
    if (!invocation.has(option)) return {};
    const std::string text = invocation.value(option);
    if (const auto size = config::parseSize(text)) return size;
    throw cli::UsageError(fmt::format("--{} takes a size like 128M or 64MiB, not '{}'", option, text));
}

std::string shownTime(TimePoint time)
{
    std::string text = toRfc3339(time);
    text[10] = ' ';
    return text.substr(0, 19);
}

} // namespace carillon::commands
