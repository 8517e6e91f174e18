#pragma once

#include "contract/store/StoreContract.h"
#include "port/RateLimiter.h"

namespace carillon::tests::store
{

/// The rate limiter: never more than `permits` effects in any window, however late a worker is (design 3).
class RateLimiterContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(RateLimiterContract);
    CPPUNIT_TEST(tenAreGrantedAtOnce);
    CPPUNIT_TEST(theEleventhGetsTheOldestPlusAWindowAndTheTwelfthTheNext);
    CPPUNIT_TEST(aLongQueueIsSpreadOverItsWindows);
    CPPUNIT_TEST(keysDoNotShareTheirPermits);
    CPPUNIT_TEST(aRepeatIsGrantedAtNoCost);
    CPPUNIT_TEST(aRepeatOfASpentOneIsGrantedAtNoCostWhileItCounts);
    CPPUNIT_TEST(aRepeatOfALongSpentOneNeedsRoomAgain);
    CPPUNIT_TEST(aReservationIsKeptUntilItsMoment);
    CPPUNIT_TEST(aReservationIsGrantedAtItsMomentWhenThereIsRoom);
    CPPUNIT_TEST(aReservationIsMovedWhenAWorkerWasLate);
    CPPUNIT_TEST(aHeldPermitCountsAsOfNow);
    CPPUNIT_TEST(aPermitThatNobodySpentEndsAtLast);
    CPPUNIT_TEST(aNewOneDoesNotOvertakeThoseThatWait);
    CPPUNIT_TEST(aWaitingOneThatNeverComesBackBlocksNobodyForEver);
    CPPUNIT_TEST(aReleasedPermitIsFreeAtOnce);
    CPPUNIT_TEST(aReleasedReservationLeavesTheQueue);
    CPPUNIT_TEST(aSpentOneStaysSpentWhenReleased);
    CPPUNIT_TEST(aRepeatsReleaseForgetsNoEarlierEffect);
    CPPUNIT_TEST(anUnknownEffectCountsOnWhenItsRepeatIsReleased);
    CPPUNIT_TEST(spendingIsPartOfItsTransaction);
    CPPUNIT_TEST(oneCallMayHoldManyKeysAndRepeats);
    CPPUNIT_TEST(aLowerLimitCountsWhatIsThere);
    CPPUNIT_TEST(aLimitOfNothingIsRefused);
    CPPUNIT_TEST(sweepForgetsWhatEnded);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void tenAreGrantedAtOnce();
    void theEleventhGetsTheOldestPlusAWindowAndTheTwelfthTheNext();
    void aLongQueueIsSpreadOverItsWindows();
    void keysDoNotShareTheirPermits();
    void aRepeatIsGrantedAtNoCost();
    void aRepeatOfASpentOneIsGrantedAtNoCostWhileItCounts();
    void aRepeatOfALongSpentOneNeedsRoomAgain();
    void aReservationIsKeptUntilItsMoment();
    void aReservationIsGrantedAtItsMomentWhenThereIsRoom();
    void aReservationIsMovedWhenAWorkerWasLate();
    void aHeldPermitCountsAsOfNow();
    void aPermitThatNobodySpentEndsAtLast();
    void aNewOneDoesNotOvertakeThoseThatWait();
    void aWaitingOneThatNeverComesBackBlocksNobodyForEver();
    void aReleasedPermitIsFreeAtOnce();
    void aReleasedReservationLeavesTheQueue();
    void aSpentOneStaysSpentWhenReleased();
    void aRepeatsReleaseForgetsNoEarlierEffect();
    void anUnknownEffectCountsOnWhenItsRepeatIsReleased();
    void spendingIsPartOfItsTransaction();
    void oneCallMayHoldManyKeysAndRepeats();
    void aLowerLimitCountsWhatIsThere();
    void aLimitOfNothingIsRefused();
    void sweepForgetsWhatEnded();

private:
    TimePoint reserve(const std::string& messageId, const std::string& key = "user-7");
    bool isGranted(const std::string& messageId, const std::string& key = "user-7") { return reserve(messageId, key) <= now(); }
    void spend(const std::string& messageId);
    void release(const std::string& messageId);
    /// m0 … m9, granted and spent now.
    void spendTen();

    port::RateLimit _limit;
};

} // namespace carillon::tests::store
