#pragma once

#include "contract/store/StoreContract.h"

namespace carillon::tests::store
{

/// Leases: one holder at a time over all processes, with a fencing token that only grows.
class LeaseContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(LeaseContract);
    CPPUNIT_TEST(aFreeLeaseIsTaken);
    CPPUNIT_TEST(anotherHolderIsRefusedWhileItLasts);
    CPPUNIT_TEST(theHolderRenewsWithTheSameToken);
    CPPUNIT_TEST(aLeaseThatRanOutGoesToTheNextWithAHigherToken);
    CPPUNIT_TEST(aHolderThatComesBackTooLateGetsAHigherToken);
    CPPUNIT_TEST(aReleasedLeaseIsFreeAtOnceAndItsTokenGrowsOn);
    CPPUNIT_TEST(onlyTheHolderReleases);
    CPPUNIT_TEST(leasesOfDifferentNamesAreIndependent);
    CPPUNIT_TEST(aChangedWallClockNeitherEndsNorProlongsALease);
    CPPUNIT_TEST(anotherProcessSeesTheHolder);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void aFreeLeaseIsTaken();
    void anotherHolderIsRefusedWhileItLasts();
    void theHolderRenewsWithTheSameToken();
    void aLeaseThatRanOutGoesToTheNextWithAHigherToken();
    void aHolderThatComesBackTooLateGetsAHigherToken();
    void aReleasedLeaseIsFreeAtOnceAndItsTokenGrowsOn();
    void onlyTheHolderReleases();
    void leasesOfDifferentNamesAreIndependent();
    void aChangedWallClockNeitherEndsNorProlongsALease();
    void anotherProcessSeesTheHolder();
};

} // namespace carillon::tests::store
