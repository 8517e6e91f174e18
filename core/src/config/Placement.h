#pragma once

#include "config/Document.h"
#include "config/Key.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace carillon::config
{

/// A setting whose key is known.
struct Candidate
{
    const Key* key = nullptr; ///< null: a plugin's own
    std::string name;
    bool isFileTwin = false;
    Setting setting;
};

/// All that the sources say, sorted by key.
struct Placement
{
    /// By full key; lowest layer first. A secret and its `_file` twin share a place.
    std::map<std::string, std::vector<Candidate>> candidates;
    /// The keys in the order in which they were first said.
    std::vector<std::string> order;
    /// By section: the names of transports, types, groups and plugins.
    std::map<std::string, std::set<std::string>> names;
    std::vector<Problem> problems;
};

/// Finds the key of each setting; those that have none, and bad names, are problems. Settings come lowest layer first. Pure.
Placement place(std::vector<Setting> settings);

/// What follows the plugin's name: `.limit` of `plugin.send.limit`.
std::string pluginKey(const std::string& path);

} // namespace carillon::config
