#pragma once

#include "plugin/Descriptor.h"
#include "plugin/Manifest.h"
#include "plugin/ManifestCache.h"
#include "plugin/PluginCopies.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace carillon::plugin
{

/// Why a file is not loaded, and what to do about it. Other plugins go on.
struct Refusal
{
    std::filesystem::path file;
    /// Names both values where there are two: "was built with …; this program with …".
    std::string reason;
    std::string remedy;

    /// `<file>: <reason>; <remedy>`, one line.
    std::string text() const;
};

/// Found, but named in `plugins.disabled`. A file that is called as the plugin is not even checked.
struct DisabledPlugin
{
    std::filesystem::path file;
    std::string name;
};

struct ScanResult
{
    /// In the order of the directories, by file name within one. Names and types are unique.
    std::vector<Manifest> accepted;
    std::vector<Refusal> refused;
    std::vector<DisabledPlugin> disabled;
    /// What an operator should know although nothing was refused: a disabled name that no file has, a check that could not be isolated.
    std::vector<std::string> warnings;
};

/// Finds plugins and decides which may be loaded, without loading any into this process.
///
/// A file must be ours or root's, a regular file, and nobody else may be able to change it or a folder above it. It is copied by its hash,
/// and only the copy is looked at: as ELF, then in a throw-away child without environment, descriptors, network or secrets, which loads it
/// and writes its manifest. What the child cannot do (it crashes, hangs, exits) is a refusal, never a death of this process.
///
/// Blocks for the checks: at most `timeout` a new file; a file that the same program checked before costs a read. Forks, and does nothing
/// between fork and exec that other threads could have locked. Several processes may scan into one state directory at once; prune() only
/// under the instance lock.
class PluginCatalogue
{
public:
    struct Options
    {
        /// Copies and cached manifests are in its folder `plugins`, which is made with mode 0700.
        std::filesystem::path stateDirectory;
        /// What runs `runPluginCheck()`.
        std::vector<std::string> checkCommand{"/proc/self/exe", "__plugin-check"};
        /// How long one file's check may take; the child's processor time is limited to the same.
        std::chrono::milliseconds timeout{20000};
        /// False: check again what was checked before (`plugin:check`).
        bool useCache = true;
    };

    /// Throws ConfigurationError when the folder of copies cannot be made, or others may write it.
    explicit PluginCatalogue(Options options);

    /// All `*.so` files directly in `directories`. A directory that cannot be read or trusted is a refusal of its own. Of two plugins with
    /// the same name, type, middleware or schedule, the first is kept and the second refused with both named.
    ScanResult scan(const std::vector<std::filesystem::path>& directories, const std::vector<std::string>& disabled = {}) const;

    /// One file by itself, as `carillon plugin:check FILE` does.
    std::variant<Manifest, Refusal> check(const std::filesystem::path& file) const;

    /// Removes the copies that no manifest in `kept` names. To be called when the generation before is gone: a process that starts again
    /// needs its copies.
    void prune(const std::vector<Manifest>& kept) const;

private:
    struct Scan;

    std::variant<Manifest, Refusal> check(const Descriptor& folder, const std::filesystem::path& file,
                                          std::vector<std::string>& warnings) const;
    void scanDirectory(const std::filesystem::path& directory, Scan& scan) const;

    Options _options;
    PluginCopies _copies;
    ManifestCache _cache;
};

} // namespace carillon::plugin
