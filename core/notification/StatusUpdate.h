#pragma once

#include "carillon/Envelope.h"
#include "carillon/notification/Notification.h"

#include <optional>
#include <string>

namespace carillon::notification
{

/// The id of the message that tells the other services of this status: the same for the same notification and status, so a repeat of the
/// decision publishes a duplicate that transports drop.
std::string statusUpdateId(const std::string& messageId, NotificationStatus status);

/// The message `notification.status_update`: {notificationId, status, sentAt (RFC 3339 or null)}, header `x-service`.
/// Its time and trace are left to the engine.
Envelope statusUpdate(const std::string& messageId, const std::string& serviceName, NotificationStatus status,
                      std::optional<TimePoint> sentAt);

} // namespace carillon::notification
