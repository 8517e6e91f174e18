#include "stores/sqlite/SqliteNotificationRepository.h"

#include "carillon/Errors.h"

namespace carillon::stores::sqlite
{
namespace
{

using carillon::sqlite::Session;
using carillon::sqlite::Statement;
using notification::Notification;
using notification::NotificationStatus;

#define CARILLON_NOTIFICATION_COLUMNS                                                                                                      \
    "id, message_id, user_id, type, title, body, data, service, status, sent_at, created_at, read_at, version"

constexpr const char* insertSql = "INSERT INTO notifications(" CARILLON_NOTIFICATION_COLUMNS
                                  ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT(message_id) DO NOTHING";

/// sent is final, and keeps the later of two moments.
constexpr const char* sentSql = R"(
UPDATE notifications SET status = 'sent', sent_at = ?2, version = version + 1
WHERE message_id = ?1 AND (status <> 'sent' OR (?2 IS NOT NULL AND (sent_at IS NULL OR sent_at < ?2))))";

constexpr const char* failedSql =
    "UPDATE notifications SET status = 'failed', version = version + 1 WHERE message_id = ?1 AND status = 'pending'";

void insert(Statement& statement, const Notification& n)
{
    statement
        .bind(n.id, n.messageId, n.userId, toString(n.type), n.title, n.body, n.data, n.serviceName, toString(n.status), n.sentAt,
              n.createdAt, n.readAt, n.version)
        .run();
}

std::optional<Notification> readOne(Statement& row)
{
    if (!row.step()) return {};
    const auto type = notification::notificationTypeFrom(row.view(3));
    const auto status = notification::notificationStatusFrom(row.view(8));
    if (!type || !status)
        throw StoreError("notification " + row.text(0) +
                         " is stored with a type or status that this version does not know; install the newer carillon");
    Notification n;
    n.id = row.text(0);
    n.messageId = row.text(1);
    n.userId = row.text(2);
    n.type = *type;
    n.title = row.text(4);
    n.body = row.text(5);
    n.data = row.text(6);
    n.serviceName = row.text(7);
    n.status = *status;
    n.sentAt = row.optionalTime(9);
    n.createdAt = row.time(10);
    n.readAt = row.optionalTime(11);
    n.version = row.integer(12);
    return n;
}

} // namespace

void SqliteNotificationRepository::insertMissing(std::span<const Notification> notifications)
{
    if (notifications.empty()) return;
    _database.requireSpace();
    _database.write(
        [&](Session& session)
        {
            auto statement = session.prepare(insertSql);
            for (const Notification& n : notifications) insert(statement, n);
        });
}

void SqliteNotificationRepository::stageInsert(UnitOfWork& work, Notification notification)
{
    work.stage(
        [this, kept = std::move(notification)](StoreSession& session)
        {
            auto statement = Session::of(session, _database).prepare(insertSql);
            insert(statement, kept);
        });
}

std::optional<Notification> SqliteNotificationRepository::find(const std::string& id)
{
    return _database.read(
        [&](Session& session)
        {
            auto row = session.prepare("SELECT " CARILLON_NOTIFICATION_COLUMNS " FROM notifications WHERE id = ?1").bind(id);
            return readOne(row);
        });
}

std::optional<Notification> SqliteNotificationRepository::findByMessageId(const std::string& messageId)
{
    return _database.read(
        [&](Session& session)
        {
            auto row = session.prepare("SELECT " CARILLON_NOTIFICATION_COLUMNS " FROM notifications WHERE message_id = ?1").bind(messageId);
            return readOne(row);
        });
}

void SqliteNotificationRepository::stageStatus(UnitOfWork& work, const std::string& messageId, NotificationStatus status,
                                               std::optional<TimePoint> sentAt)
{
    // Nothing becomes pending again.
    if (status == NotificationStatus::Pending) return;
    work.stage(
        [this, messageId, status, sentAt](StoreSession& storeSession)
        {
            Session& session = Session::of(storeSession, _database);
            if (status == NotificationStatus::Sent)
                session.prepare(sentSql).bind(messageId, sentAt).run();
            else
                session.prepare(failedSql).bind(messageId).run();
        });
}

} // namespace carillon::stores::sqlite
