#pragma once

#include "carillon/Api.h"
#include "carillon/Batch.h"
#include "carillon/notification/Notification.h"

#include <string>
#include <string_view>

namespace carillon::notification
{

/// Headers of a `notification.send` message; each is set by the value `true`, and any other value but `false` is refused.
/// Every check is made and the provider asked to check too, but nothing is delivered, stored or counted.
inline constexpr std::string_view dryRunHeader = "x-dry-run";
/// A dose reminder: the rate limit neither holds it back nor counts it. For schedulers of doses only.
inline constexpr std::string_view doseReminderHeader = "x-dose-reminder";

/// What is to be sent: a `notification.send` body, parsed and checked.
struct SendRequest
{
    std::string userId;
    NotificationType type = NotificationType::Info;
    std::string title;
    std::string body;
    /// JSON: an object or a list.
    std::string data = "{}";
    std::string serviceName;
    bool isDryRun = false;
    bool isDoseReminder = false;
};

/// A request and the message that brings it. The item is open; the service finishes it.
struct SendJob
{
    BatchItem* item;
    SendRequest request;
};

/// Sends notifications to all addresses of their users (Symfony: NotificationServiceInterface). Thread-safe.
class CARILLON_API NotificationService
{
public:
    virtual ~NotificationService();

    /// Sends a batch: reserves by the rate limit, records the notification and the intents in one short transaction, pushes, and finishes
    /// each item with its outcome, the results staged in its unit of work: status, push ledger, dead addresses, status update.
    /// Blocks until every push has an answer or the items' earliest deadline. Repeats spend no rate limit and go to unsettled addresses only.
    /// Throws StoreError; then the items that have no outcome yet were not pushed or are marked in the ledger, and may be sent again.
    virtual void send(std::span<SendJob> jobs) = 0;

    /// Within the message's decision to give up: the notification becomes failed, and the status update says so.
    virtual void stageFailure(UnitOfWork& work, const std::string& messageId, const std::string& serviceName) = 0;
};

} // namespace carillon::notification
