#include "commands/Commands.h"

namespace carillon::cli
{

std::vector<std::unique_ptr<Command>> allCommands()
{
    std::vector<std::unique_ptr<Command>> all;
    all.push_back(commands::makeRunCommand());
    all.push_back(commands::makeConsumeCommand());
    all.push_back(commands::makeServeCommand());
    all.push_back(commands::makePublishCommand());
    all.push_back(commands::makeStatsCommand());
    all.push_back(commands::makeQueueShowCommand());
    all.push_back(commands::makeFailedShowCommand());
    all.push_back(commands::makeFailedRetryCommand());
    all.push_back(commands::makeFailedRemoveCommand());
    all.push_back(commands::makeConfigCheckCommand());
    all.push_back(commands::makeConfigShowCommand());
    all.push_back(commands::makeConfigReferenceCommand());
    all.push_back(commands::makePluginListCommand());
    all.push_back(commands::makePluginCheckCommand());
    all.push_back(commands::makeNotificationTestCommand());
    all.push_back(commands::makeDeviceImportCommand());
    return all;
}

} // namespace carillon::cli
