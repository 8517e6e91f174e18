#include "plugin/Registration.h"

#include "config/PluginSettings.h"
#include "plugin/Names.h"
#include "plugin/Refused.h"
#include "schema/Schema.h"

#include <Poco/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace carillon::plugin
{

namespace
{

constexpr const char* typeRemedy = "use words of letters, digits, '_' and '-' joined by dots, such as 'order.created'";
constexpr const char* nameRemedy = "use lower-case letters, digits, '-' and '_', beginning with a letter";

std::size_t wordsIn(const std::string& text)
{
    std::istringstream stream(text);
    std::string word;
    std::size_t count = 0;
    while (stream >> word) ++count;
    return count;
}

template <typename Parts, typename Member>
bool has(const Parts& parts, Member member, const std::string& value)
{
    return std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return part.*member == value; });
}

} // namespace

Registration::Registration(std::string plugin, std::string version) : _plugin(std::move(plugin)), _version(std::move(version)) {}

Registration Registration::run(const std::string& plugin, const std::string& version, const std::function<void(Registry&)>& registerPlugin)
{
    if (!isPluginName(plugin)) throw Refused(fmt::format("the plugin's name '{}' is no name", oneLine(plugin, 80)), nameRemedy);
    if (!isVersion(version))
        throw Refused(fmt::format("plugin '{}' has the version '{}'", plugin, oneLine(version, 80)),
                      "give it one such as '1.0.0' in CARILLON_PLUGIN");

    Registration registration(plugin, version);
    const std::string threw = fmt::format("plugin '{}' threw while it registered: ", plugin);
    constexpr const char* remedy = "correct its register function; it may only declare, and has no services yet";
    try
    {
        registerPlugin(registration);
    }
    catch (const Refused&)
    {
        throw;
    }
    catch (const Poco::Exception& error)
    {
        throw Refused(threw + oneLine(error.displayText()), remedy);
    }
    catch (const std::exception& error)
    {
        throw Refused(threw + oneLine(error.what()), remedy);
    }
    catch (...)
    {
        throw Refused(threw + "something that is no std::exception", remedy);
    }
    registration.finish();
    return registration;
}

void Registration::add(const std::string& type, const HandlerOptions& options, HandlerFactory factory)
{
    if (!isTypeName(type)) fail(fmt::format("registers the type '{}', which is no name", oneLine(type, 140)), typeRemedy);
    if (has(_handlers, &LoadedHandler::type, type)) fail(fmt::format("registers the type '{}' twice", type), "remove one of the two");
    if (!factory)
        fail(fmt::format("registers the type '{}' without a factory", type), "give Registry::add a function that makes the handler");
    checkOptions(type, options);
    _handlers.push_back({_plugin, _version, type, options, std::move(factory)});
}

void Registration::checkOptions(const std::string& type, const HandlerOptions& options) const
{
    const auto require = [&](bool holds, const char* option, const char* rule)
    {
        if (!holds) fail(fmt::format("registers the type '{}' with a wrong {}", type, option), fmt::format("{} must be {}", option, rule));
    };
    using std::chrono::milliseconds;
    require(options.version >= 1, "version", "1 or more");
    require(options.timeout > milliseconds(0), "timeout", "longer than 0");
    require(options.maxConcurrency >= 0, "maxConcurrency", "0 (no limit) or more");
    require(options.maxBatch >= 0, "maxBatch", "0 (the group's) or more");
    require(!options.expiresAfter || *options.expiresAfter > milliseconds(0), "expiresAfter", "longer than 0, or unset");
    if (options.retry)
    {
        require(options.retry->maxRetries >= 0, "retry.maxRetries", "0 or more");
        require(options.retry->delay >= milliseconds(0), "retry.delay", "0 or longer");
        require(options.retry->multiplier >= 1.0, "retry.multiplier", "1 or more");
        require(options.retry->maxDelay >= milliseconds(0), "retry.maxDelay", "0 (no limit) or longer");
        require(options.retry->jitter >= 0.0 && options.retry->jitter <= 1.0, "retry.jitter", "from 0 to 1");
    }
    if (options.schema.empty()) return;
    try
    {
        const schema::Schema compiled(options.schema);
    }
    catch (const InvalidInput& error)
    {
        fail(fmt::format("registers the type '{}' with a schema that cannot be used: {}", type, oneLine(error.what())),
             "correct the schema");
    }
}

void Registration::addUpcast(const std::string& type, int from, Upcast upcast)
{
    const auto isSame = [&](const LoadedUpcast& other) { return other.type == type && other.from == from; };
    if (std::any_of(_upcasts.begin(), _upcasts.end(), isSame))
        fail(fmt::format("registers the upcast of '{}' from version {} twice", oneLine(type, 140), from), "remove one of the two");
    if (!upcast)
        fail(fmt::format("registers the upcast of '{}' from version {} without a function", oneLine(type, 140), from), "give it one");
    _upcasts.push_back({_plugin, type, from, std::move(upcast)});
}

void Registration::addMiddleware(const std::string& name, const MiddlewarePlacement& placement, MiddlewareFactory factory)
{
    if (!isPartName(name)) fail(fmt::format("registers the middleware '{}', which is no name", oneLine(name, 80)), nameRemedy);
    if (isEngineLayer(name))
        fail(fmt::format("registers the middleware '{}', a name of the engine's own chain", name), "choose another name");
    if (has(_middleware, &LoadedMiddleware::name, name))
        fail(fmt::format("registers the middleware '{}' twice", name), "remove one of the two");
    if (!factory) fail(fmt::format("registers the middleware '{}' without a factory", name), "give it a function that makes the layer");
    if (placement.before.empty() == placement.after.empty())
        fail(fmt::format("registers the middleware '{}' with {} of 'before' and 'after'", name,
                         placement.before.empty() ? "neither" : "both"),
             "name exactly one layer");
    _middleware.push_back({_plugin, name, placement, std::move(factory)});
}

void Registration::addSchedule(const ScheduleDeclaration& schedule)
{
    if (!isPartName(schedule.name))
        fail(fmt::format("registers the schedule '{}', which is no name", oneLine(schedule.name, 80)), nameRemedy);
    if (has(_schedules, &ScheduleDeclaration::name, schedule.name))
        fail(fmt::format("registers the schedule '{}' twice", schedule.name), "remove one of the two");
    if (!isTypeName(schedule.type))
        fail(fmt::format("registers the schedule '{}' for the type '{}', which is no name", schedule.name, oneLine(schedule.type, 140)),
             typeRemedy);
    if (wordsIn(schedule.cron) != 5)
        fail(fmt::format("registers the schedule '{}' with cron '{}'", schedule.name, oneLine(schedule.cron, 80)),
             "write five fields: minute hour day month weekday");
    if (schedule.timeZone.empty())
        fail(fmt::format("registers the schedule '{}' without a time zone", schedule.name), "name one, such as 'UTC'");
    try
    {
        schema::checkJson(schedule.body);
    }
    catch (const InvalidInput& error)
    {
        fail(fmt::format("registers the schedule '{}' with a wrong body: {}", schedule.name, oneLine(error.what())), "correct the body");
    }
    _schedules.push_back(schedule);
}

void Registration::addSetting(const SettingDeclaration& setting)
{
    if (has(_settings, &SettingDeclaration::key, setting.key))
        fail(fmt::format("declares the setting '{}' twice", oneLine(setting.key, 80)), "remove one of the two");
    const std::string problem = config::checkDeclaration(setting);
    if (!problem.empty()) fail("declares a setting that cannot be used: " + oneLine(problem), "correct the declaration");
    _settings.push_back(setting);
}

void Registration::finish() const
{
    for (const LoadedUpcast& upcast : _upcasts)
    {
        const auto owner =
            std::find_if(_handlers.begin(), _handlers.end(), [&](const auto& handler) { return handler.type == upcast.type; });
        if (owner == _handlers.end())
            fail(fmt::format("registers an upcast for '{}', a type that it does not handle", oneLine(upcast.type, 140)),
                 "only the plugin that owns a type may upcast it");
        if (upcast.from < 1 || upcast.from >= owner->options.version)
            fail(fmt::format("registers an upcast of '{}' from version {}, while its newest is {}", upcast.type, upcast.from,
                             owner->options.version),
                 "raise the type's version, or correct the upcast's");
    }
}

void Registration::describe(Manifest& manifest) const
{
    manifest.name = _plugin;
    manifest.version = _version;
    for (const LoadedHandler& handler : _handlers) manifest.handlers.push_back({handler.type, handler.options});
    for (const LoadedUpcast& upcast : _upcasts) manifest.upcasts.push_back({upcast.type, upcast.from});
    for (const LoadedMiddleware& middleware : _middleware) manifest.middleware.push_back({middleware.name, middleware.placement});
    manifest.schedules = _schedules;
    manifest.settings = _settings;
}

void Registration::fail(const std::string& reason, const std::string& remedy) const
{
    throw Refused(fmt::format("plugin '{}' {}", _plugin, reason), remedy);
}

} // namespace carillon::plugin
