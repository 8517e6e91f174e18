#pragma once

#include "config/Configuration.h"
#include "config/Document.h"
#include "config/Substitution.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace carillon::config
{

enum class FileFormat
{
    Yaml,
    Ini
};

/// What chooses and overrides the files. Filled from the command line; fromProcess() takes the rest from the process.
struct LoadOptions
{
    /// `--env`; else CARILLON_ENV, else dev.
    std::optional<std::string> environment;
    /// `--config`; else CARILLON_CONFIG, else `etc/carillon.yaml` or `.ini` below the working folder, else the same in /etc/carillon.
    std::optional<std::filesystem::path> file;
    /// Of the two formats side by side yaml is read, unless this or the file's name says otherwise. Base and environment file have one
    /// format.
    std::optional<FileFormat> format;
    /// `--set key=value`, in order; a later one counts.
    std::vector<std::string> overrides;

    std::filesystem::path workingDirectory;
    Variables variables;

    /// Schemes for which the program has adapters. Another one in a DSN is refused, here already, by name.
    std::vector<std::string> transportSchemes{"memory", "sqlite"};
    std::vector<std::string> storeSchemes{"sqlite"};
    std::vector<std::string> pushProviders{"fcm"};

    /// Working folder and environment variables of this process. Call before any thread may change them.
    static LoadOptions fromProcess();
};

struct LoadResult
{
    /// Empty when there is any problem.
    std::optional<Configuration> configuration;
    /// All that were found.
    std::vector<Problem> problems;
    /// The files that were read, as they are named in origins.
    std::vector<std::string> files;

    explicit operator bool() const { return configuration.has_value(); }
};

/// Reads built-in defaults < base file < environment file < variables `CARILLON__A__B` < `--set`, substitutes, reads secret files, checks
/// all of it. Never throws for what a user wrote; blocks on the disk. See docs/configuration.md.
LoadResult load(const LoadOptions& options);

/// `yaml` or `ini`; for `--format`-like options.
std::optional<FileFormat> parseFileFormat(const std::string& name);

} // namespace carillon::config
