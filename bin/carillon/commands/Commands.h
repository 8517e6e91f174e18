#pragma once

#include "cli/Command.h"

#include <memory>

namespace carillon::commands
{

std::unique_ptr<cli::Command> makeRunCommand();
std::unique_ptr<cli::Command> makeServeCommand();
std::unique_ptr<cli::Command> makeConsumeCommand();
std::unique_ptr<cli::Command> makePublishCommand();
std::unique_ptr<cli::Command> makeStatsCommand();
std::unique_ptr<cli::Command> makeQueueShowCommand();
std::unique_ptr<cli::Command> makeConfigCheckCommand();
std::unique_ptr<cli::Command> makeConfigShowCommand();
std::unique_ptr<cli::Command> makeConfigReferenceCommand();
std::unique_ptr<cli::Command> makePluginListCommand();
std::unique_ptr<cli::Command> makePluginCheckCommand();
std::unique_ptr<cli::Command> makeFailedShowCommand();
std::unique_ptr<cli::Command> makeFailedRetryCommand();
std::unique_ptr<cli::Command> makeFailedRemoveCommand();
std::unique_ptr<cli::Command> makeNotificationTestCommand();
std::unique_ptr<cli::Command> makeDeviceImportCommand();

} // namespace carillon::commands
