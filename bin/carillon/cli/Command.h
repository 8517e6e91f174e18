#pragma once

#include "cli/Console.h"
#include "cli/ExitCode.h"
#include "config/Loader.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carillon::cli
{

struct OptionSpec
{
    std::string name;
    /// One letter, or empty.
    std::string shortName;
    std::string help;
    /// Shown in the help; empty for a flag.
    std::string valueName;
    bool isRepeatable = false;
};

/// What a command was called with.
struct Invocation
{
    std::string command;
    std::vector<std::string> arguments;
    std::map<std::string, std::vector<std::string>> options;

    bool has(const std::string& option) const { return options.count(option) > 0; }
    /// The last one given.
    std::string value(const std::string& option, const std::string& otherwise = {}) const;
    std::vector<std::string> values(const std::string& option) const;
    /// A whole number from `least` on. Throws UsageError naming the option.
    std::uint64_t number(const std::string& option, std::uint64_t otherwise, std::uint64_t least = 0) const;
};

/// The call cannot be understood: exit code 2, and the text says what to write instead.
class UsageError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// A command ends with this exit code; its text was printed already.
struct Exit
{
    int code;
};

/// What every command gets besides its own call.
class Session
{
public:
    Session(Console& console, config::LoadOptions load) : _console(console), _load(std::move(load)) {}

    Console& console() const { return _console; }
    const config::LoadOptions& loadOptions() const { return _load; }
    /// Loads it at the first call. Prints every problem and throws Exit{78} when there is one.
    const config::Configuration& configuration();

private:
    Console& _console;
    config::LoadOptions _load;
    std::unique_ptr<config::Configuration> _configuration;
};

/// One command of the program; one file each in commands/.
class Command
{
public:
    virtual ~Command() = default;
    virtual std::string name() const = 0;
    /// Other names that it answers to.
    virtual std::vector<std::string> aliases() const { return {}; }
    /// One line.
    virtual std::string summary() const = 0;
    /// `[receivers…]`; empty for none.
    virtual std::string arguments() const { return {}; }
    virtual std::size_t maxArguments() const { return 0; }
    virtual std::vector<OptionSpec> options() const { return {}; }
    /// Not listed: for the program's own children.
    virtual bool isHidden() const { return false; }

    /// Gives the exit code. Throws UsageError, Exit, ConfigurationError (78) and other carillon::Error (1).
    virtual int run(const Invocation& invocation, Session& session) = 0;
};

/// All commands, made in commands/Commands.cpp.
std::vector<std::unique_ptr<Command>> allCommands();

} // namespace carillon::cli
