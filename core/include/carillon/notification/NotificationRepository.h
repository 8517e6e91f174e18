#pragma once

#include "carillon/Api.h"
#include "carillon/UnitOfWork.h"
#include "carillon/notification/Notification.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::notification
{

/// The stored notifications of all services. Thread-safe. Blocks for the store's answer; throws StoreError (StorageFull when there is no
/// room), and then nothing was changed.
class CARILLON_API NotificationRepository
{
public:
    virtual ~NotificationRepository();

    /// Adds those whose message id is new, in one transaction; the others stay as they are.
    virtual void insertMissing(std::span<const Notification> notifications) = 0;
    /// The same as part of a unit of work.
    virtual void stageInsert(UnitOfWork& work, Notification notification) = 0;

    virtual std::optional<Notification> find(const std::string& id) = 0;
    virtual std::optional<Notification> findByMessageId(const std::string& messageId) = 0;

    /// Within the deciding transaction: pending → sent or failed, failed → sent; sent is final, its later `sentAt` stays.
    /// The same again changes nothing. The version counts up when something changed. An unknown message id changes nothing.
    virtual void stageStatus(UnitOfWork& work, const std::string& messageId, NotificationStatus status, std::optional<TimePoint> sentAt) = 0;
};

} // namespace carillon::notification
