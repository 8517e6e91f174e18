#pragma once

#include "carillon/Settings.h"
#include "config/Configuration.h"
#include "config/Document.h"

#include <string>
#include <vector>

namespace carillon::config
{

struct PluginSettings
{
    Settings settings; ///< every declared key has a value, given or default
    std::vector<Problem> problems;
};

/// Checks `plugin.<name>.*` against what the plugin's manifest declares, and types it. A key that is not declared, a value of the wrong
/// type, a required one that is missing and a bad `<secret>_file` are problems. Blocks on the disk for secret files.
PluginSettings validatePluginSettings(const Configuration& configuration, const std::string& plugin,
                                      const std::vector<SettingDeclaration>& declared);

/// Sections `plugin.<name>` of plugins that do not exist (misspelt, or removed). `known` are those found, disabled ones included.
std::vector<Problem> unknownPluginSections(const Configuration& configuration, const std::vector<std::string>& known);

/// What is wrong with a declaration itself (bad key, default that is not of its type); one line, empty when well. For the manifest check.
std::string checkDeclaration(const SettingDeclaration& declaration);

} // namespace carillon::config
