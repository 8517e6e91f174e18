#pragma once

namespace carillon::plugin
{

/// The descriptor to which the check child writes its answer, set up by the catalogue.
constexpr int checkResultDescriptor = 3;

/// main() of the throw-away child that loads one plugin to see whether it can be: `carillon __plugin-check COPY`. Gives up the network,
/// loads the copy, compares its descriptor, lets it register and writes the manifest, or why not, to descriptor 3. Does not return once
/// a plugin was loaded: leaves by _exit, so that no destructor of the plugin's runs.
int runPluginCheck(int argc, char** argv);

} // namespace carillon::plugin
