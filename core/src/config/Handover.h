#pragma once

#include "config/Configuration.h"

#include <string>

namespace carillon::config
{

/// The configuration as one text, secrets included, for a child of the same executable: children must run on exactly what the master
/// checked, not on files that changed in between. Hand it over by a memfd or pipe, never by argument or environment. Pure.
std::string serialize(const Configuration& configuration);

/// The same configuration again. Reads no file and no variable. Throws ConfigurationError when the text is not one of serialize()'s.
Configuration deserialize(const std::string& text);

} // namespace carillon::config
