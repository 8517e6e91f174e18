#pragma once

#include "carillon/Registry.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace carillon::plugin
{

/// A message type that a plugin owns.
struct HandlerManifest
{
    std::string type;
    HandlerOptions options;
};

/// A body of version `from` can be turned into one of version `from + 1`.
struct UpcastManifest
{
    std::string type;
    int from = 1;
};

struct MiddlewareManifest
{
    std::string name;
    MiddlewarePlacement placement;
};

/// What a plugin declared when it was checked: all that master, admin, clerk and command line need to know of it, so that none of them
/// loads it. A value; written by the throw-away check child, handed to the other processes as JSON.
struct Manifest
{
    /// Where it was found; for people. Empty for what is compiled in.
    std::filesystem::path file;
    /// Of the file's bytes, lower-case hex.
    std::string sha256;
    /// What is loaded: `<state>/plugins/<sha256>.so`. Nothing overwrites it while it is mapped.
    std::filesystem::path copy;

    std::uint32_t abi = 0;
    std::string build;
    std::string name;
    std::string version;

    std::vector<HandlerManifest> handlers;
    std::vector<UpcastManifest> upcasts;
    std::vector<MiddlewareManifest> middleware;
    std::vector<ScheduleDeclaration> schedules;
    std::vector<SettingDeclaration> settings;

    /// Null when the plugin does not own `type`.
    const HandlerManifest* find(const std::string& type) const;

    /// One JSON object, one line, members always in the same order: equal manifests have equal texts.
    std::string toJson() const;
    /// Throws ConfigurationError when `text` is no manifest.
    static Manifest fromJson(const std::string& text);
};

/// A whole set, in its order, as a JSON list: what a parent hands to its children.
std::string toJson(const std::vector<Manifest>& manifests);
/// Throws ConfigurationError when `text` is no list of manifests.
std::vector<Manifest> manifestsFromJson(const std::string& text);

/// `each`, `manual`, `none`.
std::string toString(TransactionKind kind);
/// `text`, `boolean`, `integer`, `number`, `duration`, `size`, `path`, `list`.
std::string toString(SettingType type);

} // namespace carillon::plugin
