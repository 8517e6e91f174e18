#pragma once

#include "carillon/Plugin.h"
#include "plugin/Manifest.h"
#include "plugin/Registration.h"

#include <filesystem>

namespace carillon::plugin
{

/// A plugin's shared object in this process, its descriptor compared. It is never unloaded, not even when it is refused: its code may have
/// left a thread, a destructor or a thread-local behind.
class PluginLibrary
{
public:
    /// Runs the file's constructors, nothing else of it. Throws Refused with both values when abi, size or build differ.
    explicit PluginLibrary(const std::filesystem::path& copy);

    /// Calls the plugin's register function. Throws Refused.
    Registration registerPlugin() const;

    /// Fills in what the descriptor says.
    void describe(Manifest& manifest) const;

private:
    const CarillonPluginDescriptor* _descriptor = nullptr;
};

} // namespace carillon::plugin
