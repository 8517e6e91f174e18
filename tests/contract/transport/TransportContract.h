#pragma once

#include "port/Transport.h"
#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace carillon::tests
{

/// What every transport must do. An adapter's suite derives from this, says how its transport is made, and registers
///     CPPUNIT_TEST_SUB_SUITE(ItsTest, TransportContract); CPPUNIT_TEST_SUITE_END();
/// What a transport cannot do it says by capability; those cases are left out then.
class TransportContract : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TransportContract);
    CPPUNIT_TEST(aConfirmedMessageIsTakenOnceAsItWasPublished);
    CPPUNIT_TEST(anEmptyQueueGivesNothing);
    CPPUNIT_TEST(bytesOfTheBodyAreNotTouched);
    CPPUNIT_TEST(aBatchIsTakenUpToItsLimitInOrderOfAge);
    CPPUNIT_TEST(higherPriorityGoesFirst);
    CPPUNIT_TEST(aDelayedMessageWaitsForItsTime);
    CPPUNIT_TEST(aDueMessageIsOrderedByItsDueTime);
    CPPUNIT_TEST(aSecondPublishOfAnIdIsADuplicate);
    CPPUNIT_TEST(theSameIdOfAnotherTypeIsAnotherMessage);
    CPPUNIT_TEST(aDedupeKeyAnswersWithTheFirstIdWhileThatLives);
    CPPUNIT_TEST(aDedupeKeyIsFreeAgainAfterTheEnd);
    CPPUNIT_TEST(tooLargeABodyIsRefusedWithItsLimit);
    CPPUNIT_TEST(aRefusalDropsOnlyItsOwnMessage);
    CPPUNIT_TEST(aRemovedMessageIsGone);
    CPPUNIT_TEST(aMessageForLaterComesWithItsNewAttemptAndTurn);
    CPPUNIT_TEST(aReturnedMessageComesAtOnceAsIfNeverTaken);
    CPPUNIT_TEST(aDeliveryIsSettledOnce);
    CPPUNIT_TEST(aLostLeaseGivesTheMessageToAnother);
    CPPUNIT_TEST(aHeldMessageIsNotGivenToAnother);
    CPPUNIT_TEST(whatAConsumerLeavesUnsettledComesBackRedelivered);
    CPPUNIT_TEST(prefetchLimitsWhatIsHeld);
    CPPUNIT_TEST(stopWakesThoseWhoWait);
    CPPUNIT_TEST(aPublishWakesThoseWhoWait);
    CPPUNIT_TEST(whatWasTakenBeforeStopIsStillSettled);
    CPPUNIT_TEST(aPausedQueueGivesNothingUntilItIsResumed);
    CPPUNIT_TEST(purgeLeavesWhatIsTaken);
    CPPUNIT_TEST(inspectShowsPagesInOrderOfIds);
    CPPUNIT_TEST(aCancelledMessageIsNeverTaken);
    CPPUNIT_TEST(aTakenMessageIsNeitherCancelledNorMoved);
    CPPUNIT_TEST(aRescheduledMessageComesAtItsNewTime);
    CPPUNIT_TEST(statsAddUp);
    CPPUNIT_TEST(oneOfAConcurrencyKeyIsTakenAtATime);
    CPPUNIT_TEST(aCrowdOfOneKeyDoesNotHoldUpTheOthers);
    CPPUNIT_TEST(noneOfAConcurrencyKeyIsForgotten);
    CPPUNIT_TEST(anUnknownQueueIsNamed);
    CPPUNIT_TEST(manyPublishersAndConsumersLoseAndDoubleNothing);
    CPPUNIT_TEST(withinASessionAllIsDoneOrNothing);
    CPPUNIT_TEST_SUITE_END_ABSTRACT();

public:
    void setUp() override;
    void tearDown() override;

    void aConfirmedMessageIsTakenOnceAsItWasPublished();
    void anEmptyQueueGivesNothing();
    void bytesOfTheBodyAreNotTouched();
    void aBatchIsTakenUpToItsLimitInOrderOfAge();
    void higherPriorityGoesFirst();
    void aDelayedMessageWaitsForItsTime();
    void aDueMessageIsOrderedByItsDueTime();
    void aSecondPublishOfAnIdIsADuplicate();
    void theSameIdOfAnotherTypeIsAnotherMessage();
    void aDedupeKeyAnswersWithTheFirstIdWhileThatLives();
    void aDedupeKeyIsFreeAgainAfterTheEnd();
    void tooLargeABodyIsRefusedWithItsLimit();
    void aRefusalDropsOnlyItsOwnMessage();
    void aRemovedMessageIsGone();
    void aMessageForLaterComesWithItsNewAttemptAndTurn();
    void aReturnedMessageComesAtOnceAsIfNeverTaken();
    void aDeliveryIsSettledOnce();
    void aLostLeaseGivesTheMessageToAnother();
    void aHeldMessageIsNotGivenToAnother();
    void whatAConsumerLeavesUnsettledComesBackRedelivered();
    void prefetchLimitsWhatIsHeld();
    void stopWakesThoseWhoWait();
    void aPublishWakesThoseWhoWait();
    void whatWasTakenBeforeStopIsStillSettled();
    void aPausedQueueGivesNothingUntilItIsResumed();
    void purgeLeavesWhatIsTaken();
    void inspectShowsPagesInOrderOfIds();
    void aCancelledMessageIsNeverTaken();
    void aTakenMessageIsNeitherCancelledNorMoved();
    void aRescheduledMessageComesAtItsNewTime();
    void statsAddUp();
    void oneOfAConcurrencyKeyIsTakenAtATime();
    void aCrowdOfOneKeyDoesNotHoldUpTheOthers();
    void noneOfAConcurrencyKeyIsForgotten();
    void anUnknownQueueIsNamed();
    void manyPublishersAndConsumersLoseAndDoubleNothing();
    void withinASessionAllIsDoneOrNothing();

protected:
    /// A new, empty transport, set up, with one queue named `queueName` and bodies of `bodyLimit` bytes at most; its times come from
    /// `clock`.
    virtual std::unique_ptr<port::Transport> makeTransport(const Clock& clock) = 0;
    /// Runs `work` in a transaction of a store that the transport joins. False: it joins none, and nothing was run.
    virtual bool inSession(const std::function<void(StoreSession&)>& work) = 0;

    static constexpr const char* queueName = "contract";
    static constexpr std::size_t bodyLimit = 4096;

    ManualClock _clock;
    std::unique_ptr<port::Transport> _transport;

private:
    using Kind = port::Settlement::Kind;
    using Status = port::PublishResult::Status;
    using Ids = std::vector<std::string>;

    /// Long enough for any wake-up; a test that waits for it has failed.
    static constexpr std::chrono::seconds patience{20};
    static constexpr std::chrono::seconds lease{30};

    Envelope envelope(const std::string& id) const;
    port::PublishResult publish(const Envelope& envelope);
    std::unique_ptr<port::Consumer> consumer(std::size_t prefetch = 256);
    /// Takes what is there now, without waiting.
    static std::vector<port::Delivery> take(port::Consumer& consumer, std::size_t limit = 100);
    static port::Delivery takeOne(port::Consumer& consumer);
    static bool settle(port::Consumer& consumer, const port::Delivery& delivery,
                       port::Settlement::Kind kind = port::Settlement::Kind::Remove);
    static port::Settlement later(const port::Delivery& delivery, TimePoint dueAt, int attempt, int turn);
    static std::vector<std::string> idsOf(const std::vector<port::Delivery>& deliveries);
    port::QueueStats stats();
};

} // namespace carillon::tests
