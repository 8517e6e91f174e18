#pragma once

#include "contract/store/StoreContract.h"

namespace carillon::tests::store
{

/// What is applied together, and what is rolled back alone (design 3: decide, then settle).
class TransactionContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(TransactionContract);
    CPPUNIT_TEST(stagedWritesAreAppliedInOrderWithTheDecision);
    CPPUNIT_TEST(aDuplicateAppliesNothing);
    CPPUNIT_TEST(withinRunsLastForEachDecisionWithItsIndex);
    CPPUNIT_TEST(aNoOfWithinRollsBackThatDecisionAlone);
    CPPUNIT_TEST(aThrowOfWithinRollsBackThatDecisionAlone);
    CPPUNIT_TEST(aStoreErrorOfWithinRollsBackTheWholeCall);
    CPPUNIT_TEST(aVersionConflictRollsBackThatDecisionAlone);
    CPPUNIT_TEST(anyOtherThrowOfAStagedWriteRollsBackTheWholeCall);
    CPPUNIT_TEST(aRolledBackDecisionMayBeMadeAgain);
    CPPUNIT_TEST(aRolledBackDeathLeavesNoDeadLetter);
    CPPUNIT_TEST(commitAppliesWritesOutboxAndWithinTogether);
    CPPUNIT_TEST(aThrowInCommitLeavesNothing);
    CPPUNIT_TEST(theStoreWorksOnAfterARollback);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void stagedWritesAreAppliedInOrderWithTheDecision();
    void aDuplicateAppliesNothing();
    void withinRunsLastForEachDecisionWithItsIndex();
    void aNoOfWithinRollsBackThatDecisionAlone();
    void aThrowOfWithinRollsBackThatDecisionAlone();
    void aStoreErrorOfWithinRollsBackTheWholeCall();
    void aVersionConflictRollsBackThatDecisionAlone();
    void anyOtherThrowOfAStagedWriteRollsBackTheWholeCall();
    void aRolledBackDecisionMayBeMadeAgain();
    void aRolledBackDeathLeavesNoDeadLetter();
    void commitAppliesWritesOutboxAndWithinTogether();
    void aThrowInCommitLeavesNothing();
    void theStoreWorksOnAfterARollback();

private:
    /// Three decisions with a staged notification and an outbox row each.
    struct Three;
    bool isApplied(const std::string& id);
    /// Nothing of the message is there: no row, no notification, no outbox row, no tally.
    bool leftNothing(const std::string& id);
};

} // namespace carillon::tests::store
