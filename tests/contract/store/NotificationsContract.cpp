#include "carillon/Errors.h"
#include "contract/store/RepositoriesContract.h"

namespace carillon::tests::store
{

using notification::Notification;
using notification::NotificationStatus;
using notification::NotificationType;

Notification NotificationsContract::notificationFor(const std::string& messageId)
{
    Notification notification;
    notification.id = notification::notificationIdFor(messageId);
    notification.messageId = messageId;
    notification.userId = "user-7";
    notification.type = NotificationType::Alert;
    notification.title = "Grüße 🔔";
    notification.body = "it's \"time\"";
    notification.data = R"({"nested":[1,{"a":[]}],"empty":{}})";
    notification.serviceName = "maternity";
    notification.createdAt = now();
    return notification;
}

void NotificationsContract::insert(const Notification& notification) { store().notifications().insertMissing({&notification, 1}); }

void NotificationsContract::setStatus(const std::string& messageId, NotificationStatus status, std::optional<TimePoint> sentAt)
{
    UnitOfWork work;
    store().notifications().stageStatus(work, messageId, status, sentAt);
    ledger().commit(work, {}, {});
}

Notification NotificationsContract::stored(const std::string& messageId)
{
    const auto found = store().notifications().findByMessageId(messageId);
    CPPUNIT_ASSERT(found.has_value());
    return *found;
}

void NotificationsContract::aNotificationKeepsEveryField()
{
    Notification notification = notificationFor("m1");
    notification.status = NotificationStatus::Sent;
    notification.sentAt = now() + 1s;
    notification.readAt = now() + 2s;
    notification.version = 4;

    insert(notification);

    CPPUNIT_ASSERT(stored("m1") == notification);
    CPPUNIT_ASSERT(store().notifications().find(notification.id) == notification);
    CPPUNIT_ASSERT(!store().notifications().find("missing").has_value());
    CPPUNIT_ASSERT(!store().notifications().findByMessageId("missing").has_value());
}

void NotificationsContract::onlyMissingOnesAreInserted()
{
    insert(notificationFor("m1"));
    std::vector both{notificationFor("m1"), notificationFor("m2")};
    both[0].title = "another";

    store().notifications().insertMissing(both);
    UnitOfWork work;
    store().notifications().stageInsert(work, both[0]);
    ledger().commit(work, {}, {});

    CPPUNIT_ASSERT(stored("m1") == notificationFor("m1"));
    CPPUNIT_ASSERT(stored("m2") == both[1]);
}

void NotificationsContract::aPendingOneBecomesSentOrFailed()
{
    insert(notificationFor("m1"));
    insert(notificationFor("m2"));

    setStatus("m1", NotificationStatus::Sent, now());
    setStatus("m2", NotificationStatus::Failed);

    CPPUNIT_ASSERT(stored("m1").status == NotificationStatus::Sent);
    CPPUNIT_ASSERT(stored("m1").sentAt == now());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, stored("m1").version);
    CPPUNIT_ASSERT(stored("m2").status == NotificationStatus::Failed);
    CPPUNIT_ASSERT(!stored("m2").sentAt.has_value());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, stored("m2").version);
}

void NotificationsContract::aFailedOneBecomesSent()
{
    insert(notificationFor("m1"));
    setStatus("m1", NotificationStatus::Failed);

    setStatus("m1", NotificationStatus::Sent, now());

    CPPUNIT_ASSERT(stored("m1").status == NotificationStatus::Sent);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, stored("m1").version);
}

void NotificationsContract::aSentOneIsFinal()
{
    insert(notificationFor("m1"));
    setStatus("m1", NotificationStatus::Sent, now());

    setStatus("m1", NotificationStatus::Failed);
    setStatus("m1", NotificationStatus::Pending);

    CPPUNIT_ASSERT(stored("m1").status == NotificationStatus::Sent);
    CPPUNIT_ASSERT(stored("m1").sentAt == now());
    CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, stored("m1").version);
}

void NotificationsContract::theLaterSentAtStays()
{
    insert(notificationFor("m1"));
    setStatus("m1", NotificationStatus::Sent, now());

    setStatus("m1", NotificationStatus::Sent, now() + 5s);
    setStatus("m1", NotificationStatus::Sent, now() + 2s);
    setStatus("m1", NotificationStatus::Sent);

    CPPUNIT_ASSERT(stored("m1").sentAt == now() + 5s);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, stored("m1").version);
}

void NotificationsContract::theSameAgainChangesNothing()
{
    insert(notificationFor("m1"));
    insert(notificationFor("m2"));
    setStatus("m1", NotificationStatus::Pending);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, stored("m1").version);

    for (int i = 0; i < 2; ++i)
    {
        setStatus("m1", NotificationStatus::Sent, now());
        setStatus("m2", NotificationStatus::Failed);
    }

    CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, stored("m1").version);
    CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, stored("m2").version);
}

void NotificationsContract::anUnknownMessageChangesNothing()
{
    setStatus("missing", NotificationStatus::Sent, now());

    CPPUNIT_ASSERT(!store().notifications().findByMessageId("missing").has_value());
}

} // namespace carillon::tests::store
