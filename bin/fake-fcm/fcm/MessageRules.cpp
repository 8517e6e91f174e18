#include "fcm/MessageRules.h"

#include "fcm/ProtoText.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace carillon::fakefcm
{

namespace
{

constexpr std::size_t maxPayloadBytes = 4096;
constexpr std::size_t maxTopicPayloadBytes = 2048;
constexpr std::chrono::seconds maxTtl{2419200};
constexpr std::size_t maxConditionTopics = 5;
constexpr std::size_t maxCollapseIdBytes = 64;

bool isLabelCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~%").find(c) != std::string_view::npos;
}

bool isLabel(std::string_view text, std::size_t maxSize)
{
    return !text.empty() && text.size() <= maxSize && std::all_of(text.begin(), text.end(), isLabelCharacter);
}

/// "'a' in topics && ('b' in topics || !('c' in topics))", read by recursive descent.
class Condition
{
public:
    explicit Condition(std::string_view text) : _rest(text) {}

    bool isValid() { return expression(0) && (skipSpace(), _rest.empty()) && _topics >= 1 && _topics <= maxConditionTopics; }

private:
    bool expression(int depth)
    {
        if (depth > 16 || !operand(depth)) return false;
        while (take("&&") || take("||"))
        {
            if (!operand(depth)) return false;
        }
        return true;
    }

    bool operand(int depth)
    {
        while (take("!"))
        {
        }
        if (take("(")) return expression(depth + 1) && take(")");
        if (!take("'")) return false;
        const std::size_t end = _rest.find('\'');
        if (end == std::string_view::npos || !isLabel(_rest.substr(0, end), 900)) return false;
        _rest.remove_prefix(end + 1);
        ++_topics;
        return take("in") && take("topics");
    }

    bool take(std::string_view word)
    {
        skipSpace();
        if (!_rest.starts_with(word)) return false;
        _rest.remove_prefix(word.size());
        return true;
    }

    void skipSpace()
    {
        while (_rest.starts_with(' ')) _rest.remove_prefix(1);
    }

    std::string_view _rest;
    std::size_t _topics = 0;
};

std::optional<Rejection> reject(std::string message, std::string field) { return Rejection{std::move(message), std::move(field)}; }

std::optional<Rejection> brokenTarget(const MessageView& view)
{
    if (view.message == nullptr) return reject("Request contains an invalid argument. The message is not set.", "message");
    if (view.targets == 0) return reject("Recipient of the message is not set.", "message");
    if (view.targets > 1)
    {
        return reject(fmt::format("Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set '{}'",
                                  nameOf(view.targetKind)),
                      "message");
    }
    if (view.target.empty()) return reject("Recipient of the message is not set.", fmt::format("message.{}", nameOf(view.targetKind)));
    if (view.targetKind == TargetKind::Topic && !isLabel(view.target, 900)) return reject("Invalid topic name", "message.topic");
    if (view.targetKind == TargetKind::Condition && !Condition(view.target).isValid())
        return reject("Invalid condition expression provided.", "message.condition");
    return std::nullopt;
}

bool isReserved(std::string_view key)
{
    return key == "from" || key == "message_type" || key == "gcm" || key.starts_with("google") || key.starts_with("gcm.notification.");
}

std::optional<Rejection> brokenData(const Json* data, const char* field)
{
    if (data == nullptr) return std::nullopt;
    for (const auto& [key, value] : data->get_ref<const Json::object_t&>())
    {
        if (isReserved(key)) return reject("Invalid data payload key: " + key, field);
    }
    return std::nullopt;
}

std::optional<Rejection> brokenNotification(const Json* notification, const std::string& field)
{
    if (notification == nullptr) return std::nullopt;
    const Json* color = member(notification, "color");
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    if (const std::string_view code = text(color);
        color != nullptr && (code.size() != 7 || code[0] != '#' || !std::all_of(code.begin() + 1, code.end(), isHex)))
        return reject("Invalid color format: use #rrggbb", field + ".color");

    const auto hasArguments = [&](std::string_view json, std::string_view proto)
    {
        const Json* list = member(notification, json, proto);
        return list != nullptr && !list->empty();
    };
    if (hasArguments("titleLocArgs", "title_loc_args") && text(member(notification, "titleLocKey", "title_loc_key")).empty())
        return reject("title_loc_args without title_loc_key", field + ".title_loc_args");
    if (hasArguments("bodyLocArgs", "body_loc_args") && text(member(notification, "bodyLocKey", "body_loc_key")).empty())
        return reject("body_loc_args without body_loc_key", field + ".body_loc_args");
    return std::nullopt;
}

std::optional<Rejection> brokenImage(const Json* holder, const std::string& field)
{
    const Json* image = member(holder, "image");
    const std::string_view url = text(image);
    if (image == nullptr || url.empty() || url.starts_with("https://") || url.starts_with("http://")) return std::nullopt;
    return reject("Invalid image URL", field + ".image");
}

std::optional<Rejection> brokenAnalyticsLabel(const Json* holder, const std::string& field)
{
    const Json* label = member(member(holder, "fcmOptions", "fcm_options"), "analyticsLabel", "analytics_label");
    if (label == nullptr || text(label).empty() || isLabel(text(label), 50)) return std::nullopt;
    return reject("Invalid analytics label", field + ".fcm_options.analytics_label");
}

std::optional<Rejection> brokenAndroid(const MessageView& view)
{
    if (member(view.message, "android") != nullptr && member(view.message, "androidV2", "android_v2") != nullptr)
        return reject("Only one of android and android_v2 may be set.", "message");
    const Json* second = member(view.message, "androidV2", "android_v2");
    if (member(second, "remoteNotification", "remote_notification") != nullptr &&
        member(second, "backgroundSync", "background_sync") != nullptr)
        return reject("Only one of remote_notification and background_sync may be set.", "message.android_v2");
    if (const Json* ttl = member(view.android, "ttl"))
    {
        const auto seconds = durationSeconds(text(ttl));
        if (!seconds || text(ttl).starts_with('-') || *seconds > maxTtl)
            return reject("Invalid time to live: it must be from 0 to 2419200 seconds", "message.android.ttl");
    }
    return brokenNotification(view.androidNotification, "message.android.notification");
}

std::optional<Rejection> brokenApns(const MessageView& view)
{
    if (view.collapseId.size() > maxCollapseIdBytes) return reject("apns-collapse-id is longer than 64 bytes", "message.apns.headers");
    const Json* priority = member(member(view.apns, "headers"), "apns-priority");
    const std::string_view value = text(priority);
    if (priority != nullptr && value != "10" && value != "5" && value != "1")
        return reject("Invalid apns-priority", "message.apns.headers");
    const bool visible = view.notification != nullptr || member(view.aps, "alert") != nullptr || member(view.aps, "badge") != nullptr ||
                         member(view.aps, "sound") != nullptr;
    if (priority != nullptr && value == "10" && !visible)
        return reject("A message with only data must have apns-priority 5", "message.apns.headers");
    return std::nullopt;
}

std::optional<Rejection> brokenWebpush(const MessageView& view)
{
    const Json* webpush = member(view.message, "webpush");
    const std::string_view link = text(member(member(webpush, "fcmOptions", "fcm_options"), "link"));
    if (!link.empty() && !link.starts_with("https://"))
        return reject("Invalid link: it must begin with https://", "message.webpush.fcm_options.link");
    return brokenAnalyticsLabel(webpush, "message.webpush");
}

std::size_t sizeOf(const Json& value) { return value.is_string() ? value.get_ref<const std::string&>().size() : value.dump().size(); }

std::size_t sizeOfMembers(const Json* object)
{
    std::size_t size = 0;
    if (object == nullptr) return size;
    for (const auto& [key, value] : object->get_ref<const Json::object_t&>()) size += key.size() + sizeOf(value);
    return size;
}

/// Keys and values of what reaches an Android device; the platform's own notification overrides the common one key by key.
std::size_t androidPayloadSize(const MessageView& view)
{
    std::size_t size = sizeOfMembers(view.data) + sizeOfMembers(view.androidNotification);
    if (view.notification == nullptr) return size;
    for (const auto& [key, value] : view.notification->get_ref<const Json::object_t&>())
    {
        if (member(view.androidNotification, key) == nullptr) size += key.size() + sizeOf(value);
    }
    return size;
}

std::optional<Rejection> brokenSize(const MessageView& view)
{
    const bool fansOut = view.targetKind == TargetKind::Topic || view.targetKind == TargetKind::Condition;
    const std::size_t limit = fansOut ? maxTopicPayloadBytes : maxPayloadBytes;
    const Json* commonData = member(view.message, "data");
    const Json* webpush = member(view.message, "webpush");
    if (androidPayloadSize(view) > limit) return reject("Android message is too big", "message");
    if (sizeOfMembers(member(view.apns, "payload")) + sizeOfMembers(commonData) > limit)
        return reject("APNs message is too big", "message");
    const Json* webData = member(webpush, "data");
    if (sizeOfMembers(member(webpush, "notification")) + sizeOfMembers(webData != nullptr ? webData : commonData) > limit)
        return reject("Web Push message is too big", "message");
    return std::nullopt;
}

} // namespace

std::optional<Rejection> brokenRule(const MessageView& view)
{
    if (auto broken = brokenTarget(view)) return broken;
    if (auto broken = brokenData(member(view.message, "data"), "message.data")) return broken;
    if (auto broken = brokenData(member(view.android, "data"), "message.android.data")) return broken;
    if (auto broken = brokenImage(view.notification, "message.notification")) return broken;
    if (auto broken = brokenImage(view.androidNotification, "message.android.notification")) return broken;
    if (auto broken = brokenImage(member(view.apns, "fcmOptions", "fcm_options"), "message.apns.fcm_options")) return broken;
    if (auto broken = brokenAnalyticsLabel(view.message, "message")) return broken;
    if (auto broken = brokenAnalyticsLabel(view.android, "message.android")) return broken;
    if (auto broken = brokenAnalyticsLabel(view.apns, "message.apns")) return broken;
    if (auto broken = brokenAndroid(view)) return broken;
    if (auto broken = brokenApns(view)) return broken;
    if (auto broken = brokenWebpush(view)) return broken;
    return brokenSize(view);
}

} // namespace carillon::fakefcm
