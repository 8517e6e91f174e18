#pragma once

#include "carillon/Api.h"
#include "carillon/Clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::notification
{

enum class NotificationType
{
    Alert,
    Reminder,
    Info
};

enum class NotificationStatus
{
    Pending, ///< not settled yet: new, being retried or deferred
    Sent,    ///< at least one address accepted it, at `sentAt`
    Failed   ///< dead: every attempt was used, or it can never succeed
};

/// `alert`, `reminder`, `info`; `pending`, `sent`, `failed`. The reverse gives nothing for other words.
CARILLON_API std::string_view toString(NotificationType type);
CARILLON_API std::string_view toString(NotificationStatus status);
CARILLON_API std::optional<NotificationType> notificationTypeFrom(std::string_view word);
CARILLON_API std::optional<NotificationStatus> notificationStatusFrom(std::string_view word);

/// One notification to one user, as it is stored.
struct Notification
{
    /// 24 hexadecimal digits, a MongoDB ObjectId; made from the message's id by notificationIdFor(), so a repeat is the same one.
    std::string id;
    /// The id of the message that asked for it; unique.
    std::string messageId;
    std::string userId;
    NotificationType type = NotificationType::Info;
    std::string title;
    std::string body;
    /// JSON: an object or a list, nested at will.
    std::string data = "{}";
    /// `diabetes`, `wellness`, `maternity`, or what `notification.services` lists.
    std::string serviceName;
    NotificationStatus status = NotificationStatus::Pending;
    std::optional<TimePoint> sentAt;
    TimePoint createdAt{};
    std::optional<TimePoint> readAt;
    /// Counts changes, from 1: what a writer read must still be there when it writes.
    std::int64_t version = 1;

    bool operator==(const Notification&) const = default;
};

/// The notification's id for a message's id: its time in seconds and 64 bits of a hash of it. The same for the same message, always.
CARILLON_API std::string notificationIdFor(const std::string& messageId);

} // namespace carillon::notification
