#include "plugin/TakenNames.h"

#include "plugin/Refused.h"

#include <fmt/format.h>

namespace carillon::plugin
{

void TakenNames::claim(const Manifest& manifest)
{
    const std::string place = manifest.file.empty() ? std::string("built in") : manifest.file.string();
    const std::string self = fmt::format("'{}' ({})", manifest.name, place);

    std::map<std::string, std::string> claimed;
    const auto take = [&](const char* kind, const std::string& name)
    {
        const std::string key = fmt::format("{} '{}'", kind, name);
        const auto owner = _owners.find(key);
        if (owner != _owners.end())
            throw Refused(fmt::format("the {} of plugin {} is taken by plugin {}", key, self, owner->second),
                          "remove one of the two files, or name one of the plugins in plugins.disabled");
        claimed.emplace(key, self);
    };
    take("name", manifest.name);
    for (const HandlerManifest& handler : manifest.handlers) take("type", handler.type);
    for (const MiddlewareManifest& middleware : manifest.middleware) take("middleware", middleware.name);
    for (const ScheduleDeclaration& schedule : manifest.schedules) take("schedule", schedule.name);
    _owners.merge(claimed);
}

} // namespace carillon::plugin
