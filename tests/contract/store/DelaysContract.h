#pragma once

#include "contract/store/StoreContract.h"

namespace carillon::tests::store
{

/// Messages that wait in the store for their time.
class DelaysContract : public StoreContract
{
    CPPUNIT_TEST_SUITE(DelaysContract);
    CPPUNIT_TEST(whatIsDueIsClaimedEarliestFirst);
    CPPUNIT_TEST(aDelayedMessageKeepsEveryField);
    CPPUNIT_TEST(aMessageWithoutADueTimeIsRefused);
    CPPUNIT_TEST(puttingAgainReplaces);
    CPPUNIT_TEST(aLateRelayCannotDeleteWhatReplacedItsMessage);
    CPPUNIT_TEST(aClaimLastsAsLongAsItWasMadeFor);
    CPPUNIT_TEST(publishedOnesAreGone);
    CPPUNIT_TEST(nextDueIsTheEarliestUnclaimed);
    CPPUNIT_TEST(theListPagesByTransportAndSequence);
    CPPUNIT_TEST(aWaitingMessageIsCancelled);
    CPPUNIT_TEST(aWaitingMessageIsMoved);
    CPPUNIT_TEST(aClaimedMessageIsNeitherCancelledNorMoved);
    CPPUNIT_TEST(putWithinBelongsToItsTransaction);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void whatIsDueIsClaimedEarliestFirst();
    void aDelayedMessageKeepsEveryField();
    void aMessageWithoutADueTimeIsRefused();
    void puttingAgainReplaces();
    void aLateRelayCannotDeleteWhatReplacedItsMessage();
    void aClaimLastsAsLongAsItWasMadeFor();
    void publishedOnesAreGone();
    void nextDueIsTheEarliestUnclaimed();
    void theListPagesByTransportAndSequence();
    void aWaitingMessageIsCancelled();
    void aWaitingMessageIsMoved();
    void aClaimedMessageIsNeitherCancelledNorMoved();
    void putWithinBelongsToItsTransaction();

private:
    port::OutboxMessage delayed(const std::string& id, std::chrono::milliseconds in, const std::string& transport = "notifications");
    void put(const std::string& id, std::chrono::milliseconds in, const std::string& transport = "notifications");
    std::vector<std::string> claim(std::size_t limit = 100);
};

} // namespace carillon::tests::store
