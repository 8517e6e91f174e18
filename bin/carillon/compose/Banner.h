#pragma once

#include "cli/Console.h"
#include "compose/Launch.h"

namespace carillon::compose
{

/// What was found at start: environment, files, store, transports, plugins and their types, groups, schedules, where the admin page and its token are, and how
/// to stop.
void printBanner(const cli::Console& console, const config::Configuration& configuration, const plugin::ScanResult& plugins, const Start& start);

} // namespace carillon::compose
