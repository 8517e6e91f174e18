#include "plugin/PluginLibrary.h"

#include "plugin/Names.h"
#include "plugin/Refused.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <string_view>

namespace carillon::plugin
{

namespace
{

void compare(const CarillonPluginDescriptor& theirs)
{
    // In this order: each value may be read only when those before it agree.
    if (theirs.abi != CARILLON_PLUGIN_ABI)
        throw Refused(fmt::format("it has plugin abi {}, this program has {}", theirs.abi, CARILLON_PLUGIN_ABI),
                      "build it again with this program's headers");
    if (theirs.size != sizeof(CarillonPluginDescriptor))
        throw Refused(fmt::format("its descriptor has {} bytes, this program's has {}", theirs.size, sizeof(CarillonPluginDescriptor)),
                      "build it again with this program's headers");
    if (theirs.build == nullptr || theirs.name == nullptr || theirs.version == nullptr || theirs.registerPlugin == nullptr)
        throw Refused("its descriptor has an empty field", "write it with CARILLON_PLUGIN(name, version, function)");
    if (theirs.build != std::string_view(CARILLON_BUILD_ID))
        throw Refused(fmt::format("it was built with [{}], this program with [{}]", oneLine(theirs.build), CARILLON_BUILD_ID),
                      "build it again with this program's compiler, options and headers");
}

} // namespace

PluginLibrary::PluginLibrary(const std::filesystem::path& copy)
{
    void* const library = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
    {
        const char* const error = dlerror();
        throw Refused(fmt::format("it cannot be loaded: {}", oneLine(error == nullptr ? "no reason given" : error)),
                      "link the library that is missing, or build it again on this machine");
    }
    void* const symbol = dlsym(library, "carillon_plugin");
    if (symbol == nullptr)
        throw Refused("it has no entry 'carillon_plugin'",
                      "add CARILLON_PLUGIN(name, version, function) to one of its sources, or move it away");
    _descriptor = reinterpret_cast<CarillonPluginEntry>(symbol)();
    if (_descriptor == nullptr)
        throw Refused("its entry 'carillon_plugin' returned nothing", "write it with CARILLON_PLUGIN(name, version, function)");
    compare(*_descriptor);
}

Registration PluginLibrary::registerPlugin() const
{
    return Registration::run(_descriptor->name, _descriptor->version, _descriptor->registerPlugin);
}

void PluginLibrary::describe(Manifest& manifest) const
{
    manifest.abi = _descriptor->abi;
    manifest.build = _descriptor->build;
}

} // namespace carillon::plugin
