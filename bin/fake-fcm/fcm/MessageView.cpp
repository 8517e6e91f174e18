#include "fcm/MessageView.h"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace carillon::fakefcm
{

namespace
{

std::string_view firstOf(std::string_view a, std::string_view b, std::string_view c = {}) { return !a.empty() ? a : !b.empty() ? b : c; }

} // namespace

std::string_view nameOf(TargetKind kind)
{
    switch (kind)
    {
    case TargetKind::Token: return "token";
    case TargetKind::Fid: return "fid";
    case TargetKind::Topic: return "topic";
    case TargetKind::Condition: return "condition";
    case TargetKind::None: break;
    }
    return "none";
}

MessageView::MessageView(const Json& request)
{
    const Json* only = member(&request, "validateOnly", "validate_only");
    validateOnly = only != nullptr && only->is_boolean() && only->get<bool>();
    message = member(&request, "message");
    notification = member(message, "notification");
    android = member(message, "android");
    androidNotification = member(android, "notification");
    if (const Json* second = member(message, "androidV2", "android_v2"); android == nullptr && second != nullptr)
    {
        android = second;
        androidNotification = member(member(second, "remoteNotification", "remote_notification"), "notification");
    }
    apns = member(message, "apns");
    aps = member(member(apns, "payload"), "aps");

    data = member(android, "data");
    if (data == nullptr) data = member(message, "data");

    constexpr std::array<std::pair<TargetKind, std::string_view>, 4> kinds{
        {{TargetKind::Token, "token"}, {TargetKind::Fid, "fid"}, {TargetKind::Topic, "topic"}, {TargetKind::Condition, "condition"}}};
    for (const auto& [kind, name] : kinds)
    {
        const Json* value = member(message, name);
        if (value == nullptr) continue;
        ++targets;
        targetKind = kind;
        target = text(value);
    }
    const Json* alert = member(aps, "alert");
    title = firstOf(text(member(androidNotification, "title")), text(member(notification, "title")), text(member(alert, "title")));
    body = firstOf(text(member(androidNotification, "body")), text(member(notification, "body")), text(member(alert, "body")));
    tag = text(member(androidNotification, "tag"));
    collapseKey = text(member(android, "collapseKey", "collapse_key"));
    collapseId = text(member(member(apns, "headers"), "apns-collapse-id"));
}

} // namespace carillon::fakefcm
