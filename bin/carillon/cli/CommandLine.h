#pragma once

#include "cli/Command.h"

#include <memory>
#include <string>
#include <vector>

namespace carillon::cli
{

/// What stands before and after the command's name, for every command.
struct GlobalOptions
{
    Console::Colours colours = Console::Colours::Automatic;
    int verbosity = 0;
    bool wantsHelp = false;
    bool wantsVersion = false;
    bool noInteraction = false;
    config::LoadOptions load;
};

struct ParsedLine
{
    GlobalOptions global;
    /// Null: none was named.
    Command* command = nullptr;
    Invocation invocation;
};

/// Reads the words behind the program's name. Throws UsageError: an unknown command or option with the nearest known one, a missing value, too many arguments.
ParsedLine parse(const std::vector<std::string>& words, const std::vector<std::unique_ptr<Command>>& commands, config::LoadOptions load);

/// The list of commands, or one command's options.
std::string helpText(const std::vector<std::unique_ptr<Command>>& commands);
std::string helpText(const Command& command);

} // namespace carillon::cli
