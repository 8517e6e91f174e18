#pragma once

#include "contract/store/StoreContract.h"
#include "port/DeadLetters.h"

namespace carillon::tests::store
{

/// Dead letters: kept whole, found, released and removed by an operator (design 3 and 9).
class DeadLettersContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(DeadLettersContract);
    CPPUNIT_TEST(aDeadMessageIsKeptWithAllThatIsKnown);
    CPPUNIT_TEST(undecodableBytesAreKeptAsTheyCame);
    CPPUNIT_TEST(theListGoesFromTheLatestFailureDownByPages);
    CPPUNIT_TEST(pagesNeitherRepeatNorSkipWhereFailuresShareTheirMoment);
    CPPUNIT_TEST(pagesStayRightWhenLettersComeAndGo);
    CPPUNIT_TEST(aBadCursorIsAnErrorThatNamesTheRemedy);
    CPPUNIT_TEST(filtersChooseByTypeTransportAndTime);
    CPPUNIT_TEST(lettersAreCountedByType);
    CPPUNIT_TEST(aReleasedLetterBeginsAnewAtItsNextTurn);
    CPPUNIT_TEST(aReleasedMessageMayBeDecidedAgainButNotItsOldTurn);
    CPPUNIT_TEST(aReleasedMessageThatDiesAgainCountsItsReplays);
    CPPUNIT_TEST(aReleaseAfterTheRowWasSweptKeepsTurnAndHistory);
    CPPUNIT_TEST(aReleasedRowIsNotSwept);
    CPPUNIT_TEST(aReleaseMayAnswerWithAnOutboxRow);
    CPPUNIT_TEST(aThrowOfPublishKeepsTheLetter);
    CPPUNIT_TEST(releasingAnUnknownLetterGivesNothing);
    CPPUNIT_TEST(lettersAreRemovedById);
    CPPUNIT_TEST(lettersAreRemovedByFilter);
    CPPUNIT_TEST(aRemovedLettersMessageStaysDead);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void aDeadMessageIsKeptWithAllThatIsKnown();
    void undecodableBytesAreKeptAsTheyCame();
    void theListGoesFromTheLatestFailureDownByPages();
    void pagesNeitherRepeatNorSkipWhereFailuresShareTheirMoment();
    void pagesStayRightWhenLettersComeAndGo();
    void aBadCursorIsAnErrorThatNamesTheRemedy();
    void filtersChooseByTypeTransportAndTime();
    void lettersAreCountedByType();
    void aReleasedLetterBeginsAnewAtItsNextTurn();
    void aReleasedMessageMayBeDecidedAgainButNotItsOldTurn();
    void aReleasedMessageThatDiesAgainCountsItsReplays();
    void aReleaseAfterTheRowWasSweptKeepsTurnAndHistory();
    void aReleasedRowIsNotSwept();
    void aReleaseMayAnswerWithAnOutboxRow();
    void aThrowOfPublishKeepsTheLetter();
    void releasingAnUnknownLetterGivesNothing();
    void lettersAreRemovedById();
    void lettersAreRemovedByFilter();
    void aRemovedLettersMessageStaysDead();

private:
    port::DeadLetters& letters() { return store().deadLetters(); }
    void die(const Envelope& envelope, const std::string& transport = "notifications");
    std::vector<std::string> idsOf(const port::DeadLetters::Page& page);
    std::vector<std::string> allPages(const port::DeadLetterFilter& filter, std::size_t pageSize);
};

} // namespace carillon::tests::store
