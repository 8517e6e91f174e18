#pragma once

#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/NotificationRepository.h"
#include "contract/store/StoreContract.h"
#include "port/PushLedger.h"

namespace carillon::tests::store
{

/// Notifications: inserted once, and their status only ever goes forward.
class NotificationsContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(NotificationsContract);
    CPPUNIT_TEST(aNotificationKeepsEveryField);
    CPPUNIT_TEST(onlyMissingOnesAreInserted);
    CPPUNIT_TEST(aPendingOneBecomesSentOrFailed);
    CPPUNIT_TEST(aFailedOneBecomesSent);
    CPPUNIT_TEST(aSentOneIsFinal);
    CPPUNIT_TEST(theLaterSentAtStays);
    CPPUNIT_TEST(theSameAgainChangesNothing);
    CPPUNIT_TEST(anUnknownMessageChangesNothing);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void aNotificationKeepsEveryField();
    void onlyMissingOnesAreInserted();
    void aPendingOneBecomesSentOrFailed();
    void aFailedOneBecomesSent();
    void aSentOneIsFinal();
    void theLaterSentAtStays();
    void theSameAgainChangesNothing();
    void anUnknownMessageChangesNothing();

private:
    notification::Notification notificationFor(const std::string& messageId);
    void insert(const notification::Notification& notification);
    void setStatus(const std::string& messageId, notification::NotificationStatus status, std::optional<TimePoint> sentAt = {});
    notification::Notification stored(const std::string& messageId);
};

/// Devices: who has which address, and what happens to dead ones.
class DevicesContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(DevicesContract);
    CPPUNIT_TEST(addressesAreGivenOldestFirst);
    CPPUNIT_TEST(anUnknownUserIsAbsentAndOneWithoutDevicesIsEmpty);
    CPPUNIT_TEST(puttingAgainReplaces);
    CPPUNIT_TEST(anAddressMovesToWhoIsLoggedIn);
    CPPUNIT_TEST(onlyItsUserRemovesAnAddress);
    CPPUNIT_TEST(aDeadAddressIsRemoved);
    CPPUNIT_TEST(anAddressRegisteredAgainSurvivesItsRemoval);
    CPPUNIT_TEST(anAddressThatMovedSurvivesItsRemoval);
    CPPUNIT_TEST(aRemovalIsPartOfItsTransaction);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void addressesAreGivenOldestFirst();
    void anUnknownUserIsAbsentAndOneWithoutDevicesIsEmpty();
    void puttingAgainReplaces();
    void anAddressMovesToWhoIsLoggedIn();
    void onlyItsUserRemovesAnAddress();
    void aDeadAddressIsRemoved();
    void anAddressRegisteredAgainSurvivesItsRemoval();
    void anAddressThatMovedSurvivesItsRemoval();
    void aRemovalIsPartOfItsTransaction();

private:
    notification::Address address(const std::string& value);
    std::vector<notification::Address> of(const std::string& userId);
};

/// Pushes by message and address.
class PushLedgerContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(PushLedgerContract);
    CPPUNIT_TEST(recordsAreFoundByTheirMessages);
    CPPUNIT_TEST(writingAgainReplaces);
    CPPUNIT_TEST(anIntentDoesNotReplaceAnAcceptance);
    CPPUNIT_TEST(aStagedWriteIsPartOfItsTransaction);
    CPPUNIT_TEST(sweepForgetsOldRecords);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void recordsAreFoundByTheirMessages();
    void writingAgainReplaces();
    void anIntentDoesNotReplaceAnAcceptance();
    void aStagedWriteIsPartOfItsTransaction();
    void sweepForgetsOldRecords();

private:
    port::PushRecord record(const std::string& messageId, const std::string& hash, port::PushState state = port::PushState::Intent);
    std::vector<port::PushRecord> of(const std::string& messageId);
};

} // namespace carillon::tests::store
