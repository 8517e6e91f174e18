#include "plugin/PluginSet.h"

#include "carillon/Plugin.h"
#include "plugin/PluginLibrary.h"
#include "plugin/Refused.h"
#include "plugin/Registration.h"
#include "plugin/TakenNames.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace carillon::plugin
{

namespace
{

template <typename Part>
void moveTo(std::vector<Part>& target, std::vector<Part>& source)
{
    std::move(source.begin(), source.end(), std::back_inserter(target));
}

} // namespace

void PluginSet::load(const Manifest& manifest)
{
    try
    {
        const PluginLibrary library(manifest.copy);
        Registration registration = library.registerPlugin();

        Manifest declared;
        declared.file = manifest.file;
        declared.sha256 = manifest.sha256;
        declared.copy = manifest.copy;
        library.describe(declared);
        registration.describe(declared);
        if (declared.toJson() != manifest.toJson())
            throw Refused(
                fmt::format("it registers as '{}' {} with {} types, its manifest says '{}' {} with {} types, or they differ in an option",
                            declared.name, declared.version, declared.handlers.size(), manifest.name, manifest.version,
                            manifest.handlers.size()),
                "let its register function declare the same at every call, and start again");
        append(std::move(declared), std::move(registration));
    }
    catch (const Refused& refused)
    {
        throw ConfigurationError(fmt::format("{} (copied to {}): {}", manifest.file.string(), manifest.copy.string(), refused.what()));
    }
}

void PluginSet::add(const std::string& name, const std::string& version, const std::function<void(Registry&)>& registerPlugin)
{
    Registration registration = Registration::run(name, version, registerPlugin);
    Manifest manifest;
    manifest.abi = CARILLON_PLUGIN_ABI;
    manifest.build = CARILLON_BUILD_ID;
    registration.describe(manifest);
    append(std::move(manifest), std::move(registration));
}

void PluginSet::append(Manifest manifest, Registration&& registration)
{
    TakenNames names;
    for (const Manifest& earlier : _manifests) names.claim(earlier);
    names.claim(manifest);

    _manifests.push_back(std::move(manifest));
    moveTo(_handlers, registration.handlers());
    moveTo(_upcasts, registration.upcasts());
    moveTo(_middleware, registration.middleware());
}

const LoadedHandler* PluginSet::find(const std::string& type) const
{
    const auto found = std::find_if(_handlers.begin(), _handlers.end(), [&](const LoadedHandler& handler) { return handler.type == type; });
    return found == _handlers.end() ? nullptr : &*found;
}

} // namespace carillon::plugin
