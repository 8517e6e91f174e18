#pragma once

#include "contract/store/StoreContract.h"

namespace carillon::tests::store
{

/// Decisions: what is recorded, refused and rolled back (design promise 2: the effect in the store happens at most once).
class LedgerContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(LedgerContract);
    CPPUNIT_TEST(aDecisionIsFoundAsItWasMade);
    CPPUNIT_TEST(aSecondDecisionOfTheSameTurnIsADuplicate);
    CPPUNIT_TEST(aFinalRowRefusesEveryLaterTurn);
    CPPUNIT_TEST(aRetryIsFollowedByItsNextTurn);
    CPPUNIT_TEST(aMessageTwiceInOneCallIsDecidedOnce);
    CPPUNIT_TEST(theSameIdOfAnotherTypeIsAnotherMessage);
    CPPUNIT_TEST(failuresGatherInTheHistory);
    CPPUNIT_TEST(aLongHistoryKeepsItsFirstAndLastTen);
    CPPUNIT_TEST(anUnrecordedSuccessLeavesNoRow);
    CPPUNIT_TEST(anUnrecordedTypesRetryIsRecorded);
    CPPUNIT_TEST(anUnrecordedSuccessAfterARetryEndsTheRow);
    CPPUNIT_TEST(aDecisionWithoutAnIdIsRefused);
    CPPUNIT_TEST(aDeathWithoutAFailureIsRefused);
    CPPUNIT_TEST(lookUpAnswersInTheOrderOfItsKeys);
    CPPUNIT_TEST(lookUpTakesThousandsOfKeys);
    CPPUNIT_TEST(talliesCountAppliedDecisionsOnly);
    CPPUNIT_TEST(anEmptyCallChangesNothing);
    CPPUNIT_TEST(sweepForgetsOldFinalRowsOnly);
    CPPUNIT_TEST(sweepStopsAtItsLimit);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void aDecisionIsFoundAsItWasMade();
    void aSecondDecisionOfTheSameTurnIsADuplicate();
    void aFinalRowRefusesEveryLaterTurn();
    void aRetryIsFollowedByItsNextTurn();
    void aMessageTwiceInOneCallIsDecidedOnce();
    void theSameIdOfAnotherTypeIsAnotherMessage();
    void failuresGatherInTheHistory();
    void aLongHistoryKeepsItsFirstAndLastTen();
    void anUnrecordedSuccessLeavesNoRow();
    void anUnrecordedTypesRetryIsRecorded();
    void anUnrecordedSuccessAfterARetryEndsTheRow();
    void aDecisionWithoutAnIdIsRefused();
    void aDeathWithoutAFailureIsRefused();
    void lookUpAnswersInTheOrderOfItsKeys();
    void lookUpTakesThousandsOfKeys();
    void talliesCountAppliedDecisionsOnly();
    void anEmptyCallChangesNothing();
    void sweepForgetsOldFinalRowsOnly();
    void sweepStopsAtItsLimit();
};

} // namespace carillon::tests::store
