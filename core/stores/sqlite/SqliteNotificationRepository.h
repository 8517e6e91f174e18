#pragma once

#include "carillon/notification/NotificationRepository.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// The notifications of all services in SQLite; the service is a column. Thread-safe; the database must outlive it.
class SqliteNotificationRepository final : public notification::NotificationRepository
{
public:
    explicit SqliteNotificationRepository(carillon::sqlite::Database& database) : _database(database) {}

    void insertMissing(std::span<const notification::Notification> notifications) override;
    void stageInsert(UnitOfWork& work, notification::Notification notification) override;
    std::optional<notification::Notification> find(const std::string& id) override;
    std::optional<notification::Notification> findByMessageId(const std::string& messageId) override;
    void stageStatus(UnitOfWork& work, const std::string& messageId, notification::NotificationStatus status,
                     std::optional<TimePoint> sentAt) override;

private:
    carillon::sqlite::Database& _database;
};

} // namespace carillon::stores::sqlite
