#pragma once

#include "config/Layers.h"

namespace carillon::config
{

/// Makes the typed configuration of what the sources say: finds the key of each setting, lets the highest layer win, substitutes, reads
/// secret files, completes paths, parses, and fills in defaults. Adds to `layers.problems` what is wrong. Blocks on the disk for secret
/// files.
Configuration resolve(Layers& layers, const LoadOptions& options);

/// What must fit together: names that refer to each other, durations, what stage and prod demand. Pure but for the existence of named
/// files.
/// Of keys in `failed` nothing is said.
std::vector<Problem> crossCheck(const Configuration& configuration, const LoadOptions& options, const std::set<std::string>& failed);

} // namespace carillon::config
