#include "commands/CommandAssembly.h"

#include "carillon/Errors.h"
#include "compose/Launch.h"
#include "config/Values.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>

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
    const auto file = session.configuration().stateDirectory / "audit.log";
    const char* login = std::getenv("SUDO_USER");
    if (login == nullptr || *login == '\0') login = std::getenv("USER");
    const std::string line = nlohmann::json{{"at", toRfc3339(systemClock().now())},
                                            {"by", fmt::format("uid {} ({})", getuid(), login != nullptr ? login : "?")},
                                            {"act", act},
                                            {"what", what}}
                                 .dump() +
                             "\n";
    // One write of a short line in append mode is whole, whoever else writes.
    const int descriptor = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    const bool isWritten = descriptor >= 0 && write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    if (!isWritten)
        throw Error(fmt::format("not done: the audit log {} cannot be written ({}); give the service's user access to it", file.string(), std::strerror(error)));
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
