#include "plugin/Manifest.h"

#include "carillon/Errors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace carillon::plugin
{

namespace
{

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::array kindNames{std::pair{TransactionKind::Each, "each"}, std::pair{TransactionKind::Manual, "manual"},
                               std::pair{TransactionKind::None, "none"}};

constexpr std::array typeNames{std::pair{SettingType::Text, "text"},         std::pair{SettingType::Boolean, "boolean"},
                               std::pair{SettingType::Integer, "integer"},   std::pair{SettingType::Number, "number"},
                               std::pair{SettingType::Duration, "duration"}, std::pair{SettingType::Size, "size"},
                               std::pair{SettingType::Path, "path"},         std::pair{SettingType::List, "list"}};

template <typename Names, typename Value>
std::string nameOf(const Names& names, Value value)
{
    for (const auto& [candidate, name] : names)
        if (candidate == value) return name;
    throw std::logic_error("a value that has no name");
}

template <typename Names>
auto valueOf(const Names& names, const std::string& name)
{
    for (const auto& [value, candidate] : names)
        if (name == candidate) return value;
    throw std::invalid_argument("no value is called so");
}

template <typename Parts, typename Convert>
Json listOf(const Parts& parts, Convert convert)
{
    Json list = Json::array();
    for (const auto& part : parts) list.push_back(convert(part));
    return list;
}

template <typename Part, typename Convert>
std::vector<Part> partsOf(const Json& list, Convert convert)
{
    std::vector<Part> parts;
    for (const Json& item : list) parts.push_back(convert(item));
    return parts;
}

Json retryToJson(const RetryPolicy& retry)
{
    return {{"max_retries", retry.maxRetries},
            {"delay_ms", retry.delay.count()},
            {"multiplier", retry.multiplier},
            {"max_delay_ms", retry.maxDelay.count()},
            {"jitter", retry.jitter}};
}

RetryPolicy retryFromJson(const Json& json)
{
    return {json.at("max_retries").get<int>(), milliseconds(json.at("delay_ms").get<std::int64_t>()), json.at("multiplier").get<double>(),
            milliseconds(json.at("max_delay_ms").get<std::int64_t>()), json.at("jitter").get<double>()};
}

Json handlerToJson(const HandlerManifest& handler)
{
    const HandlerOptions& options = handler.options;
    Json json{{"type", handler.type},
              {"schema", options.schema},
              {"version", options.version},
              {"timeout_ms", options.timeout.count()},
              {"transaction", toString(options.transaction)},
              {"max_concurrency", options.maxConcurrency},
              {"max_batch", options.maxBatch}};
    if (options.retry) json["retry"] = retryToJson(*options.retry);
    if (options.expiresAfter) json["expires_after_ms"] = options.expiresAfter->count();
    return json;
}

HandlerManifest handlerFromJson(const Json& json)
{
    HandlerManifest handler;
    handler.type = json.at("type").get<std::string>();
    HandlerOptions& options = handler.options;
    options.schema = json.at("schema").get<std::string>();
    options.version = json.at("version").get<int>();
    options.timeout = milliseconds(json.at("timeout_ms").get<std::int64_t>());
    options.transaction = valueOf(kindNames, json.at("transaction").get<std::string>());
    options.maxConcurrency = json.at("max_concurrency").get<int>();
    options.maxBatch = json.at("max_batch").get<int>();
    if (json.contains("retry")) options.retry = retryFromJson(json.at("retry"));
    if (json.contains("expires_after_ms")) options.expiresAfter = milliseconds(json.at("expires_after_ms").get<std::int64_t>());
    return handler;
}

Json settingToJson(const SettingDeclaration& setting)
{
    return {{"key", setting.key},   {"type", toString(setting.type)}, {"default", setting.defaultValue},
            {"help", setting.help}, {"required", setting.isRequired}, {"secret", setting.isSecret}};
}

SettingDeclaration settingFromJson(const Json& json)
{
    return {json.at("key").get<std::string>(),     valueOf(typeNames, json.at("type").get<std::string>()),
            json.at("default").get<std::string>(), json.at("help").get<std::string>(),
            json.at("required").get<bool>(),       json.at("secret").get<bool>()};
}

Json scheduleToJson(const ScheduleDeclaration& schedule)
{
    return {{"name", schedule.name},
            {"cron", schedule.cron},
            {"time_zone", schedule.timeZone},
            {"type", schedule.type},
            {"body", schedule.body}};
}

ScheduleDeclaration scheduleFromJson(const Json& json)
{
    return {json.at("name").get<std::string>(), json.at("cron").get<std::string>(), json.at("time_zone").get<std::string>(),
            json.at("type").get<std::string>(), json.at("body").get<std::string>()};
}

Json manifestToJson(const Manifest& manifest)
{
    return {
        {"file", manifest.file.string()},
        {"sha256", manifest.sha256},
        {"copy", manifest.copy.string()},
        {"abi", manifest.abi},
        {"build", manifest.build},
        {"name", manifest.name},
        {"version", manifest.version},
        {"handlers", listOf(manifest.handlers, handlerToJson)},
        {"upcasts", listOf(manifest.upcasts,
                           [](const auto& upcast) {
                               return Json{{"type", upcast.type}, {"from", upcast.from}};
                           })},
        {"middleware", listOf(manifest.middleware,
                              [](const auto& layer) {
                                  return Json{{"name", layer.name}, {"before", layer.placement.before}, {"after", layer.placement.after}};
                              })},
        {"schedules", listOf(manifest.schedules, scheduleToJson)},
        {"settings", listOf(manifest.settings, settingToJson)}};
}

Manifest manifestFromJson(const Json& json)
{
    Manifest manifest;
    manifest.file = json.at("file").get<std::string>();
    manifest.sha256 = json.at("sha256").get<std::string>();
    manifest.copy = json.at("copy").get<std::string>();
    manifest.abi = json.at("abi").get<std::uint32_t>();
    manifest.build = json.at("build").get<std::string>();
    manifest.name = json.at("name").get<std::string>();
    manifest.version = json.at("version").get<std::string>();
    manifest.handlers = partsOf<HandlerManifest>(json.at("handlers"), handlerFromJson);
    manifest.upcasts =
        partsOf<UpcastManifest>(json.at("upcasts"),
                                [](const Json& upcast) {
                                    return UpcastManifest{upcast.at("type").get<std::string>(), upcast.at("from").get<int>()};
                                });
    manifest.middleware = partsOf<MiddlewareManifest>(
        json.at("middleware"),
        [](const Json& layer)
        {
            return MiddlewareManifest{layer.at("name").get<std::string>(),
                                      {layer.at("before").get<std::string>(), layer.at("after").get<std::string>()}};
        });
    manifest.schedules = partsOf<ScheduleDeclaration>(json.at("schedules"), scheduleFromJson);
    manifest.settings = partsOf<SettingDeclaration>(json.at("settings"), settingFromJson);
    return manifest;
}

/// A plugin's texts may hold any bytes; they are shown, so what is no UTF-8 is replaced rather than refused here.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <typename Result, typename Convert>
Result parse(const std::string& text, Convert convert)
{
    try
    {
        return convert(Json::parse(text));
    }
    catch (const std::exception& error)
    {
        throw ConfigurationError(std::string("this is no plugin manifest of this program's: ") + error.what());
    }
}

} // namespace

const HandlerManifest* Manifest::find(const std::string& type) const
{
    const auto found = std::find_if(handlers.begin(), handlers.end(), [&](const HandlerManifest& handler) { return handler.type == type; });
    return found == handlers.end() ? nullptr : &*found;
}

std::string Manifest::toJson() const { return dump(manifestToJson(*this)); }

Manifest Manifest::fromJson(const std::string& text) { return parse<Manifest>(text, manifestFromJson); }

std::string toJson(const std::vector<Manifest>& manifests) { return dump(listOf(manifests, manifestToJson)); }

std::vector<Manifest> manifestsFromJson(const std::string& text)
{
    return parse<std::vector<Manifest>>(text,
                                        [](const Json& json)
                                        {
                                            if (!json.is_array()) throw std::invalid_argument("not a list");
                                            return partsOf<Manifest>(json, manifestFromJson);
                                        });
}

std::string toString(TransactionKind kind) { return nameOf(kindNames, kind); }

std::string toString(SettingType type) { return nameOf(typeNames, type); }

} // namespace carillon::plugin
