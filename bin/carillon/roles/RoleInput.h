#pragma once

#include "config/Configuration.h"
#include "plugin/Manifest.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace carillon::roles
{

/// What `carillon consume` asks of its workers beyond the configuration.
struct ConsumeOptions
{
    /// Replaces the groups' transports, in this order of priority.
    std::vector<std::string> transports;
    std::vector<std::string> queues;
    std::uint64_t limit = 0;
    std::uint64_t failureLimit = 0;
    std::chrono::milliseconds timeLimit{0};
    std::uint64_t memoryLimit = 0;
    /// Longest time between two looks while nothing comes; 0: the worker's own.
    std::chrono::milliseconds sleep{0};
};

/// All that a child of the master is handed: the very configuration and plugin set that the master has checked.
struct RoleInput
{
    config::Configuration configuration;
    std::vector<plugin::Manifest> manifests;
    ConsumeOptions consume;
};

/// Holds secrets: it travels in sealed memory only.
std::string pack(const RoleInput& input);
/// Throws ConfigurationError when the text is none of pack()'s.
RoleInput unpack(const std::string& text);

} // namespace carillon::roles
