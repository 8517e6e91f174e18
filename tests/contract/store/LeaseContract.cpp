#include "contract/store/LeaseContract.h"

#include "port/Lease.h"

namespace carillon::tests::store
{

void LeaseContract::aFreeLeaseIsTaken()
{
    CPPUNIT_ASSERT_EQUAL(std::string(), store().lease().holder("clerk"));

    CPPUNIT_ASSERT(store().lease().acquire("clerk", "a", 10s).has_value());

    CPPUNIT_ASSERT_EQUAL(std::string("a"), store().lease().holder("clerk"));
}

void LeaseContract::anotherHolderIsRefusedWhileItLasts()
{
    store().lease().acquire("clerk", "a", 10s);
    underTest().passLeaseTime(9999ms);

    CPPUNIT_ASSERT(!store().lease().acquire("clerk", "b", 10s).has_value());
    CPPUNIT_ASSERT_EQUAL(std::string("a"), store().lease().holder("clerk"));
}

void LeaseContract::theHolderRenewsWithTheSameToken()
{
    const auto token = store().lease().acquire("clerk", "a", 10s);
    underTest().passLeaseTime(6s);

    CPPUNIT_ASSERT(store().lease().acquire("clerk", "a", 10s) == token);

    underTest().passLeaseTime(6s);
    CPPUNIT_ASSERT_EQUAL(std::string("a"), store().lease().holder("clerk"));
}

void LeaseContract::aLeaseThatRanOutGoesToTheNextWithAHigherToken()
{
    const auto token = store().lease().acquire("clerk", "a", 10s);
    underTest().passLeaseTime(10s);

    CPPUNIT_ASSERT_EQUAL(std::string(), store().lease().holder("clerk"));
    const auto next = store().lease().acquire("clerk", "b", 10s);
    CPPUNIT_ASSERT(next.has_value());
    CPPUNIT_ASSERT(*next > *token);
    CPPUNIT_ASSERT(!store().lease().acquire("clerk", "a", 10s).has_value());
}

void LeaseContract::aHolderThatComesBackTooLateGetsAHigherToken()
{
    const auto token = store().lease().acquire("clerk", "a", 10s);
    underTest().passLeaseTime(10s);

    CPPUNIT_ASSERT(*store().lease().acquire("clerk", "a", 10s) > *token);
}

void LeaseContract::aReleasedLeaseIsFreeAtOnceAndItsTokenGrowsOn()
{
    const auto token = store().lease().acquire("clerk", "a", 10s);

    store().lease().release("clerk", "a");

    CPPUNIT_ASSERT_EQUAL(std::string(), store().lease().holder("clerk"));
    CPPUNIT_ASSERT(*store().lease().acquire("clerk", "b", 10s) > *token);
}

void LeaseContract::onlyTheHolderReleases()
{
    store().lease().acquire("clerk", "a", 10s);

    store().lease().release("clerk", "b");
    store().lease().release("unknown", "b");

    CPPUNIT_ASSERT_EQUAL(std::string("a"), store().lease().holder("clerk"));
}

void LeaseContract::leasesOfDifferentNamesAreIndependent()
{
    CPPUNIT_ASSERT(store().lease().acquire("clerk", "a", 10s).has_value());
    CPPUNIT_ASSERT(store().lease().acquire("recorder", "b", 10s).has_value());
}

void LeaseContract::aChangedWallClockNeitherEndsNorProlongsALease()
{
    store().lease().acquire("clerk", "a", 10s);
    clock().advance(24h);
    CPPUNIT_ASSERT_EQUAL(std::string("a"), store().lease().holder("clerk"));

    clock().advance(-48h);
    underTest().passLeaseTime(10s);
    CPPUNIT_ASSERT_EQUAL(std::string(), store().lease().holder("clerk"));
}

void LeaseContract::anotherProcessSeesTheHolder()
{
    store().lease().acquire("clerk", "a", 10s);

    const auto other = underTest().openAgain();

    CPPUNIT_ASSERT_EQUAL(std::string("a"), other->lease().holder("clerk"));
    CPPUNIT_ASSERT(!other->lease().acquire("clerk", "b", 10s).has_value());
}

} // namespace carillon::tests::store
