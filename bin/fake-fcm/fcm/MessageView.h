#pragma once

#include "fcm/Json.h"

#include <string_view>

namespace carillon::fakefcm
{

/// Who a message is for. The string is the journal's word for it, too.
enum class TargetKind
{
    None,
    Token,
    Fid,
    Topic,
    Condition
};

std::string_view nameOf(TargetKind kind);

/// The parts of a SendMessageRequest that matter here, whichever name style it uses. Views and pointers live as long as the request.
struct MessageView
{
    explicit MessageView(const Json& request);

    bool validateOnly = false;
    const Json* message = nullptr;
    const Json* data = nullptr; ///< what an Android device gets: android.data overrides
    const Json* notification = nullptr;
    const Json* android = nullptr;
    const Json* androidNotification = nullptr;
    const Json* apns = nullptr;
    const Json* aps = nullptr;

    int targets = 0; ///< must be one
    TargetKind targetKind = TargetKind::None;
    std::string_view target;
    std::string_view title;
    std::string_view body;
    std::string_view tag;
    std::string_view collapseKey;
    std::string_view collapseId; ///< apns-collapse-id

    /// Whether the device's operating system shows it by itself. Such messages are collapsible.
    bool hasNotification() const { return notification != nullptr || androidNotification != nullptr; }
};

} // namespace carillon::fakefcm
