#pragma once

#include "contract/store/StoreContract.h"

namespace carillon::tests::store
{

/// The outbox: what a decision wants published is published, by whoever claims it (design promise 1: never lost).
class OutboxContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(OutboxContract);
    CPPUNIT_TEST(aRowKeepsEveryFieldOfItsEnvelope);
    CPPUNIT_TEST(absentFieldsStayAbsent);
    CPPUNIT_TEST(rowsAreClaimedOldestFirst);
    CPPUNIT_TEST(aClaimedRowIsNotGivenAgain);
    CPPUNIT_TEST(aClaimThatRanOutIsGivenAgain);
    CPPUNIT_TEST(publishedRowsAreGone);
    CPPUNIT_TEST(markingTwiceIsHarmless);
    CPPUNIT_TEST(outboxOfFindsTheRowsOfOneDecisionOnly);
    CPPUNIT_TEST(outboxOfSeesClaimedRows);
    CPPUNIT_TEST(aSequenceIsNeverUsedAgain);
    CPPUNIT_TEST(theRowsOutliveTheirProcess);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void aRowKeepsEveryFieldOfItsEnvelope();
    void absentFieldsStayAbsent();
    void rowsAreClaimedOldestFirst();
    void aClaimedRowIsNotGivenAgain();
    void aClaimThatRanOutIsGivenAgain();
    void publishedRowsAreGone();
    void markingTwiceIsHarmless();
    void outboxOfFindsTheRowsOfOneDecisionOnly();
    void outboxOfSeesClaimedRows();
    void aSequenceIsNeverUsedAgain();
    void theRowsOutliveTheirProcess();

private:
    void commitRows(const std::vector<std::string>& ids);
    std::vector<std::string> claim(std::size_t limit = 100, std::chrono::milliseconds claimFor = 30s);
};

} // namespace carillon::tests::store
