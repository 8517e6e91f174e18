#include "carillon/notification/Notification.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace carillon::notification
{

std::string_view toString(NotificationType type)
{
    switch (type)
    {
    case NotificationType::Alert: return "alert";
    case NotificationType::Reminder: return "reminder";
    case NotificationType::Info: return "info";
    }
    return "?";
}

std::string_view toString(NotificationStatus status)
{
    switch (status)
    {
    case NotificationStatus::Pending: return "pending";
    case NotificationStatus::Sent: return "sent";
    case NotificationStatus::Failed: return "failed";
    }
    return "?";
}

std::optional<NotificationType> notificationTypeFrom(std::string_view word)
{
    for (const auto type : {NotificationType::Alert, NotificationType::Reminder, NotificationType::Info})
        if (word == toString(type)) return type;
    return {};
}

std::optional<NotificationStatus> notificationStatusFrom(std::string_view word)
{
    for (const auto status : {NotificationStatus::Pending, NotificationStatus::Sent, NotificationStatus::Failed})
        if (word == toString(status)) return status;
    return {};
}

std::string notificationIdFor(const std::string& messageId)
{
    // The first 48 bits of a UUIDv7 are its milliseconds (RFC 9562, 5.7): as an ObjectId begins with seconds, ids stay ordered by time.
    std::string digits;
    for (const char c : messageId)
        if (c != '-' && digits.size() < 12) digits += c;
    std::uint64_t milliseconds = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), milliseconds, 16);
    const bool isUuid = messageId.size() == 36 && error == std::errc{} && end == digits.data() + digits.size();

    // FNV-1a, 64 bit (Fowler, Noll, Vo): stable over releases and machines, unlike std::hash.
    std::uint64_t hash = 14695981039346656037ull;
    for (const char c : messageId)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;

    char text[32];
    std::snprintf(text, sizeof text, "%08x%016llx", isUuid ? static_cast<std::uint32_t>(milliseconds / 1000) : 0u,
                  static_cast<unsigned long long>(hash));
    return std::string(text, 24);
}

} // namespace carillon::notification
