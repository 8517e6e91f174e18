#pragma once

#include "carillon/Api.h"
#include "carillon/BuildId.h"
#include "carillon/Registry.h"

#include <cstdint>

extern "C"
{
/// The first contact with a plugin is C and is compared field by field before any C++ call:
/// a plugin of another compiler, library or header set would misread our objects.
struct CarillonPluginDescriptor
{
    /// CARILLON_PLUGIN_ABI of the headers that it was built with.
    std::uint32_t abi;
    /// sizeof this struct.
    std::uint32_t size;
    /// CARILLON_BUILD_ID: compiler, C++ ABI, sanitizer, Poco version and a hash of the SDK's headers.
    const char* build;
    const char* name;
    const char* version;
    void (*registerPlugin)(carillon::Registry& registry);
};

using CarillonPluginEntry = const CarillonPluginDescriptor* (*)();
}

/// Raised by hand when the meaning of something changes that the headers' hash cannot see.
#define CARILLON_PLUGIN_ABI 1u

/// The one exported symbol. Use once, at namespace scope:
/// `CARILLON_PLUGIN("send", "1.0.0", registerSend)` with `void registerSend(carillon::Registry&)`.
#define CARILLON_PLUGIN(pluginName, pluginVersion, registerFunction)                                                                       \
    extern "C" CARILLON_API const CarillonPluginDescriptor* carillon_plugin()                                                              \
    {                                                                                                                                      \
        static const CarillonPluginDescriptor descriptor{CARILLON_PLUGIN_ABI, sizeof(CarillonPluginDescriptor), CARILLON_BUILD_ID,         \
                                                         pluginName,          pluginVersion,                    &registerFunction};        \
        return &descriptor;                                                                                                                \
    }
