#pragma once

#include "plugin/Manifest.h"
#include "plugin/PluginCopies.h"

#include <filesystem>
#include <optional>
#include <string>

namespace carillon::plugin
{

/// Manifests of plugins that passed the check before, beside their copies: `<sha256>.json`. Only what was accepted is kept, for a refusal
/// may have been the moment's fault. An entry counts for the same checking program and the same installed libraries only.
class ManifestCache
{
public:
    /// `checker` is the program that checks.
    ManifestCache(const PluginCopies& copies, const std::filesystem::path& checker);

    /// Empty when there is none, or when it was made by another program, is damaged, or not ours alone.
    std::optional<Manifest> find(const std::string& sha256) const;

    /// Does nothing when it cannot be written: then the plugin is checked again next time.
    void keep(const Manifest& manifest) const;

private:
    const PluginCopies& _copies;
    std::string _fingerprint;
};

} // namespace carillon::plugin
