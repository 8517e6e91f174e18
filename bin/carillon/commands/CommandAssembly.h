#pragma once

#include "cli/Command.h"
#include "compose/Assembly.h"
#include "plugin/PluginCatalogue.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace carillon::commands
{

/// Store, transports and publishing door for a command that runs beside, or without, a running instance.
struct CommandAssembly
{
    const config::Configuration* configuration = nullptr;
    plugin::ScanResult plugins;
    std::unique_ptr<compose::Assembly> assembly;
};

/// Opens and, where needed, sets up. Refused plugins are told on standard error and are no reason to stop.
CommandAssembly assemble(cli::Session& session);

/// Writes who did what to which message to `<state>/audit.log`, before it is done. Throws Error when that cannot be written: then it must not be done.
void audit(cli::Session& session, const std::string& act, const std::string& what);

/// `--format`: true for json, false for txt. Throws UsageError for another word.
bool wantsJson(const cli::Invocation& invocation);
const cli::OptionSpec& formatOption();

/// A duration option like `10s`. Throws UsageError naming the option and the forms.
std::optional<std::chrono::milliseconds> durationOption(const cli::Invocation& invocation, const std::string& option);
/// `128M` or `64MiB` in bytes.
std::optional<std::uint64_t> sizeOption(const cli::Invocation& invocation, const std::string& option);

/// `2026-11-23 08:00:00` in UTC, for tables.
std::string shownTime(TimePoint time);

} // namespace carillon::commands
