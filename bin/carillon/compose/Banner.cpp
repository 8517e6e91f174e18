#include "compose/Banner.h"

#include "Version.h"
#include "config/Report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

namespace carillon::compose
{

void printBanner(const cli::Console& console, const config::Configuration& configuration, const plugin::ScanResult& plugins, const Start& start)
{
    const auto row = [&console](const std::string& name, const std::string& value) { console.errorLine(fmt::format("  {:<12}{}", name, value)); };
    console.errorLine(fmt::format("{} {} ({}), pid {}", console.styledError("Carillon", cli::Style::Bold), CARILLON_VERSION, CARILLON_REVISION, getpid()));
    std::vector<std::string> files;
    for (const auto& file : configuration.files)
        files.push_back(file.string());
    row("environment", fmt::format("{} ({})", config::toString(configuration.environment), files.empty() ? "built-in defaults" : fmt::format("{}", fmt::join(files, ", "))));
    row("store", fmt::format("{}, durability {}", config::maskedDsn(configuration.store.dsn), config::toString(configuration.store.durability)));
    for (const auto& [name, transport] : configuration.transports)
        row("transport", fmt::format("{} (queue {}) {}", name, transport.queue, config::maskedDsn(transport.dsn)));
    for (const plugin::Manifest& manifest : plugins.accepted)
    {
        std::vector<std::string> types;
        for (const auto& handler : manifest.handlers)
            types.push_back(handler.type);
        row("plugin", fmt::format("{} {}: {}", manifest.name, manifest.version, fmt::join(types, ", ")));
    }
    if (plugins.accepted.empty()) row("plugin", "none: messages are deferred until there is one");
    if (start.workers)
        for (const auto& [name, group] : configuration.groups)
            row("group", fmt::format("{}: {} process{} of {} threads, batches of {}, consumes {}", name, group.processes, group.processes == 1 ? "" : "es",
                                     group.threads, group.maxBatch, fmt::join(start.consume.transports.empty() ? group.transports : start.consume.transports, ", ")));
    if (start.admin)
    {
        row("admin", fmt::format("http://{}:{}/health", configuration.admin.host, configuration.admin.port));
        if (configuration.admin.token.empty()) row("token", (configuration.stateDirectory / "admin.token").string());
    }
    row("stop", fmt::format("Ctrl-C or kill -TERM {}", getpid()));
}

} // namespace carillon::compose
