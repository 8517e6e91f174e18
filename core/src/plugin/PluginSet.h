#pragma once

#include "plugin/Loaded.h"
#include "plugin/Manifest.h"

#include <functional>
#include <string>
#include <vector>

namespace carillon::plugin
{

class Registration;

/// The plugins of one process, really loaded. Filled at start before any thread, read by all afterwards. Never unloads: code that is
/// running cannot be taken away, so a new set is a new process.
class PluginSet
{
public:
    PluginSet() = default;

    /// Loads the manifest's copy and lets it register. Throws ConfigurationError naming file, both values and the remedy when the copy
    /// cannot be loaded or declares something else than its manifest, or when a name or type is taken; nothing of it is added then.
    void load(const Manifest& manifest);

    /// The same for what is compiled into this program: tests and `--single-process`.
    void add(const std::string& name, const std::string& version, const std::function<void(Registry&)>& registerPlugin);

    /// In the order of loading.
    const std::vector<Manifest>& manifests() const noexcept { return _manifests; }
    const std::vector<LoadedHandler>& handlers() const noexcept { return _handlers; }
    const std::vector<LoadedUpcast>& upcasts() const noexcept { return _upcasts; }
    const std::vector<LoadedMiddleware>& middleware() const noexcept { return _middleware; }

    /// Null when no plugin owns `type`.
    const LoadedHandler* find(const std::string& type) const;

private:
    void append(Manifest manifest, Registration&& registration);

    std::vector<Manifest> _manifests;
    std::vector<LoadedHandler> _handlers;
    std::vector<LoadedUpcast> _upcasts;
    std::vector<LoadedMiddleware> _middleware;
};

} // namespace carillon::plugin
