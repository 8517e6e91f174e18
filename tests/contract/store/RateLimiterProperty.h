#pragma once

#include "contract/store/StoreContract.h"

namespace carillon::tests::store
{

/// Random schedules of users, late workers, crashes and repeats: in any window there are never more effects than permits, and all
/// messages come through. A failure prints its seed; CARILLON_SEED=n runs that one alone.
class RateLimiterProperty : public StoreContract
{
    CPPUNIT_TEST_SUITE(RateLimiterProperty);
    CPPUNIT_TEST(noWindowEverHasMoreEffectsThanPermits);
    CPPUNIT_TEST(aBacklogComesOutAtTheFullRate);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void noWindowEverHasMoreEffectsThanPermits();
    void aBacklogComesOutAtTheFullRate();
};

} // namespace carillon::tests::store
