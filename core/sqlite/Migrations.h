#pragma once

#include "sqlite/Session.h"

#include <span>
#include <string>

namespace carillon::sqlite
{

/// One step of a component's schema. Steps only add: a program of the version before must be able to go on with the file, unless
/// `minReaderVersion` says otherwise.
struct Migration
{
    /// From 1, without gaps.
    int version = 1;
    /// The oldest version of the component that can still work with the file after this step.
    int minReaderVersion = 1;
    /// Statements separated by `;`.
    std::string sql;
};

/// True when all of `migrations` are applied. Throws ConfigurationError when the file is of a newer version that shuts this one out: no
/// restart heals that.
bool isMigrated(Session& session, const std::string& component, std::span<const Migration> migrations, const std::filesystem::path& file);

/// Applies what is missing. The same throw.
void applyMigrations(Session& session, const std::string& component, std::span<const Migration> migrations,
                     const std::filesystem::path& file);

} // namespace carillon::sqlite
