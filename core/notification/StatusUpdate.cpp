#include "notification/StatusUpdate.h"

#include <fmt/format.h>

namespace carillon::notification
{

std::string statusUpdateId(const std::string& messageId, NotificationStatus status)
{
    return fmt::format("{}-{}", notificationIdFor(messageId), toString(status));
}

Envelope statusUpdate(const std::string& messageId, const std::string& serviceName, NotificationStatus status,
                      std::optional<TimePoint> sentAt)
{
    Envelope update;
    update.id = statusUpdateId(messageId, status);
    update.type = "notification.status_update";
    // Nothing in it needs escaping: hexadecimal digits, a word of ours, a time.
    update.body = fmt::format(R"({{"notificationId":"{}","status":"{}","sentAt":{}}})", notificationIdFor(messageId), toString(status),
                              sentAt ? fmt::format("\"{}\"", toRfc3339(*sentAt)) : "null");
    update.headers["x-service"] = serviceName;
    update.service = serviceName;
    return update;
}

} // namespace carillon::notification
