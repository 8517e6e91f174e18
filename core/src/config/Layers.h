#pragma once

#include "config/Document.h"
#include "config/Loader.h"

#include <set>

namespace carillon::config
{

/// Everything that the sources say, lowest layer first, before it is known which keys exist.
struct Layers
{
    Environment environment = Environment::Dev;
    std::filesystem::path baseDirectory;
    std::vector<std::filesystem::path> files;
    std::vector<std::string> shownFiles;
    std::vector<Setting> settings;
    std::vector<Problem> problems;
    /// Keys whose value could not be used: what follows from that is not told again.
    std::set<std::string> failedKeys;
    /// False when the sources could not even be chosen: then only `problems` is of use.
    bool isComplete = true;
};

/// Chooses and reads files, variables and overrides.
Layers readLayers(const LoadOptions& options);

} // namespace carillon::config
