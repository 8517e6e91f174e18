#pragma once

#include "contract/store/StoreContract.h"

#include <functional>

namespace carillon::tests::store
{

/// Eight threads on two stores of one database: what must happen once happens once.
class ConcurrencyContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(ConcurrencyContract);
    CPPUNIT_TEST(oneOfManyDecidersWins);
    CPPUNIT_TEST(talliesMissNoDecision);
    CPPUNIT_TEST(outboxRowsAreClaimedOnce);
    CPPUNIT_TEST(delayedMessagesAreClaimedOnce);
    CPPUNIT_TEST(neverMorePermitsThanTheLimit);
    CPPUNIT_TEST(oneHolderHasTheLease);
    CPPUNIT_TEST(aLetterIsReleasedOnce);
    CPPUNIT_TEST(theStatusNeverGoesBack);
    CPPUNIT_TEST(settingUpAtOnceIsHarmless);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void oneOfManyDecidersWins();
    void talliesMissNoDecision();
    void outboxRowsAreClaimedOnce();
    void delayedMessagesAreClaimedOnce();
    void neverMorePermitsThanTheLimit();
    void oneHolderHasTheLease();
    void aLetterIsReleasedOnce();
    void theStatusNeverGoesBack();
    void settingUpAtOnceIsHarmless();

private:
    static constexpr int threadCount = 8;
    /// Runs `work(store, thread)` on all threads at once, half of them on the database opened again, and rethrows the first error.
    void onThreads(const std::function<void(port::Store&, int)>& work);
};

} // namespace carillon::tests::store
