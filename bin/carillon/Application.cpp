#include "Application.h"

#include "Version.h"
#include "carillon/Errors.h"
#include "cli/CommandLine.h"
#include "process/Master.h"

#include <fmt/format.h>

#include <Poco/Exception.h>

#include <algorithm>
#include <csignal>
#include <iostream>

namespace carillon
{

int Application::runMain(int argc, char** argv)
{
    // Before the first thread: a thread that had them open would get the signals that the master reads.
    process::Master::blockSignals();
    std::signal(SIGPIPE, SIG_IGN);

    Application application;
    application._words.assign(argv + 1, argv + argc);
    // Poco would read options (and fork for --daemon) by itself: our words are handed past it.
    return application.run(std::vector<std::string>{argv[0]});
}

void Application::initialize(Poco::Util::Application&) {}

void Application::uninitialize() {}

int Application::main(const std::vector<std::string>&)
{
    const auto commands = cli::allCommands();
    cli::Console plain(cli::Console::Colours::Automatic, 0);
    try
    {
        const cli::ParsedLine line = cli::parse(_words, commands, config::LoadOptions::fromProcess());
        cli::Console console(line.global.colours, line.global.verbosity);
        if (line.global.noInteraction) console.setInteractive(false);
        if (line.global.wantsVersion)
        {
            console.line(fmt::format("carillon {} ({})", CARILLON_VERSION, CARILLON_REVISION));
            return cli::Success;
        }
        if (line.command == nullptr || line.global.wantsHelp)
        {
            std::cout << (line.command == nullptr ? cli::helpText(commands) : cli::helpText(*line.command));
            return line.command == nullptr && !line.global.wantsHelp ? cli::Usage : cli::Success;
        }
        cli::Session session(console, line.global.load);
        return line.command->run(line.invocation, session);
    }
    catch (const cli::Exit& exit)
    {
        return exit.code;
    }
    catch (const cli::UsageError& error)
    {
        plain.error(error.what());
        return cli::Usage;
    }
    catch (const ConfigurationError& error)
    {
        plain.error(error.what());
        return cli::BadConfiguration;
    }
    catch (const Poco::Exception& error)
    {
        plain.error(error.displayText());
        return cli::Failed;
    }
    catch (const std::exception& error)
    {
        plain.error(error.what());
        return cli::Failed;
    }
}

} // namespace carillon
