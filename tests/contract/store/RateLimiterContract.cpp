#include "contract/store/RateLimiterContract.h"

#include "carillon/Errors.h"

#include <stdexcept>

namespace carillon::tests::store
{

TimePoint RateLimiterContract::reserve(const std::string& messageId, const std::string& key)
{
    const port::RateRequest request{key, messageId};
    return store().rateLimiter().reserve({&request, 1}, _limit, now()).at(0);
}

void RateLimiterContract::spend(const std::string& messageId)
{
    UnitOfWork work;
    store().rateLimiter().stageSpent(work, messageId, now());
    ledger().commit(work, {}, {});
}

void RateLimiterContract::release(const std::string& messageId)
{
    UnitOfWork work;
    store().rateLimiter().stageRelease(work, messageId);
    ledger().commit(work, {}, {});
}

void RateLimiterContract::spendTen()
{
    for (int i = 0; i < 10; ++i)
    {
        CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
        spend("m" + std::to_string(i));
    }
}

void RateLimiterContract::tenAreGrantedAtOnce()
{
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
    CPPUNIT_ASSERT(!isGranted("m10"));
}

void RateLimiterContract::theEleventhGetsTheOldestPlusAWindowAndTheTwelfthTheNext()
{
    const TimePoint start = now();
    for (int i = 0; i < 10; ++i)
    {
        CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
        spend("m" + std::to_string(i));
        clock().advance(1s);
    }

    CPPUNIT_ASSERT(reserve("eleventh") == start + 60s);
    CPPUNIT_ASSERT(reserve("twelfth") == start + 61s);
}

void RateLimiterContract::aLongQueueIsSpreadOverItsWindows()
{
    spendTen();
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(reserve("a" + std::to_string(i)) == now() + 60s);
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(reserve("b" + std::to_string(i)) == now() + 120s);

    CPPUNIT_ASSERT(reserve("c") == now() + 180s);
}

void RateLimiterContract::keysDoNotShareTheirPermits()
{
    spendTen();

    CPPUNIT_ASSERT(isGranted("other", "user-8"));
}

void RateLimiterContract::aRepeatIsGrantedAtNoCost()
{
    for (int repeat = 0; repeat < 5; ++repeat) CPPUNIT_ASSERT(isGranted("m0"));

    for (int i = 1; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
    CPPUNIT_ASSERT(isGranted("m0"));
    CPPUNIT_ASSERT(!isGranted("m10"));
}

void RateLimiterContract::aRepeatOfASpentOneIsGrantedAtNoCostWhileItCounts()
{
    spendTen();
    clock().advance(59s);

    CPPUNIT_ASSERT(isGranted("m0"));
    clock().advance(1s);

    // It is held again: its effect may come once more, and only nine have left the window.
    for (int i = 0; i < 9; ++i) CPPUNIT_ASSERT(isGranted("n" + std::to_string(i)));
    CPPUNIT_ASSERT(!isGranted("n9"));
}

void RateLimiterContract::aRepeatOfALongSpentOneNeedsRoomAgain()
{
    spendTen();
    clock().advance(60s);
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("n" + std::to_string(i)));

    // Granted, it would be the eleventh effect of this minute.
    CPPUNIT_ASSERT(!isGranted("m0"));
}

void RateLimiterContract::aReservationIsKeptUntilItsMoment()
{
    spendTen();
    const TimePoint moment = reserve("late");
    clock().advance(30s);

    CPPUNIT_ASSERT(reserve("late") == moment);
}

void RateLimiterContract::aReservationIsGrantedAtItsMomentWhenThereIsRoom()
{
    spendTen();
    reserve("late");
    clock().advance(60s);

    CPPUNIT_ASSERT(isGranted("late"));
}

void RateLimiterContract::aReservationIsMovedWhenAWorkerWasLate()
{
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
    CPPUNIT_ASSERT(reserve("late") == now() + 60s);
    clock().advance(7s);
    const TimePoint spent = now();
    for (int i = 0; i < 10; ++i) spend("m" + std::to_string(i));
    clock().advance(53s);

    CPPUNIT_ASSERT(reserve("late") == spent + 60s);
    clock().advance(7s);
    CPPUNIT_ASSERT(isGranted("late"));
}

void RateLimiterContract::aHeldPermitCountsAsOfNow()
{
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
    clock().advance(5min);

    CPPUNIT_ASSERT(reserve("next") == now() + 60s);
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
}

void RateLimiterContract::aPermitThatNobodySpentEndsAtLast()
{
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));

    // Its worker is gone: it counts as spent ten minutes after the grant, and for a window from there.
    clock().advance(port::RateLimiter::heldFor + 59s);
    CPPUNIT_ASSERT(reserve("next") == now() + 1s);

    clock().advance(1s);
    CPPUNIT_ASSERT(isGranted("next"));
}

void RateLimiterContract::aNewOneDoesNotOvertakeThoseThatWait()
{
    spendTen();
    for (int i = 0; i < 10; ++i) reserve("waiting" + std::to_string(i));
    clock().advance(60s);

    // There is room for ten, and ten wait for it.
    CPPUNIT_ASSERT(!isGranted("new"));

    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("waiting" + std::to_string(i)));
}

void RateLimiterContract::aWaitingOneThatNeverComesBackBlocksNobodyForEver()
{
    spendTen();
    for (int i = 0; i < 10; ++i) reserve("cancelled" + std::to_string(i));
    clock().advance(60s + port::RateLimiter::heldFor);

    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("new" + std::to_string(i)));
}

void RateLimiterContract::aReleasedPermitIsFreeAtOnce()
{
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));

    release("m3");

    CPPUNIT_ASSERT(isGranted("next"));
    CPPUNIT_ASSERT(!isGranted("after"));
}

void RateLimiterContract::aReleasedReservationLeavesTheQueue()
{
    spendTen();
    for (int i = 0; i < 10; ++i) reserve("waiting" + std::to_string(i));
    release("waiting0");

    CPPUNIT_ASSERT(reserve("new") == now() + 60s);
}

void RateLimiterContract::aSpentOneStaysSpentWhenReleased()
{
    spendTen();
    release("m0");

    CPPUNIT_ASSERT(!isGranted("next"));
}

void RateLimiterContract::aRepeatsReleaseForgetsNoEarlierEffect()
{
    spendTen();
    clock().advance(20s);
    CPPUNIT_ASSERT(isGranted("m0"));
    release("m0");

    CPPUNIT_ASSERT(reserve("next") == now() + 40s);
}

void RateLimiterContract::anUnknownEffectCountsOnWhenItsRepeatIsReleased()
{
    for (int i = 0; i < 10; ++i) CPPUNIT_ASSERT(isGranted("m" + std::to_string(i)));
    // The first worker died, perhaps after its effect; the second found that it need not send.
    CPPUNIT_ASSERT(isGranted("m0"));
    release("m0");

    CPPUNIT_ASSERT(reserve("next") == now() + 60s);
}

void RateLimiterContract::spendingIsPartOfItsTransaction()
{
    CPPUNIT_ASSERT(isGranted("m0"));
    UnitOfWork work;
    store().rateLimiter().stageSpent(work, "m0", now());
    work.stage([](StoreSession&) { throw VersionConflict("changed"); });
    CPPUNIT_ASSERT_THROW(ledger().commit(work, {}, {}), VersionConflict);
    clock().advance(60s);

    // Not spent, it is held still, and nine are free.
    for (int i = 0; i < 9; ++i) CPPUNIT_ASSERT(isGranted("n" + std::to_string(i)));
    CPPUNIT_ASSERT(!isGranted("n9"));
}

void RateLimiterContract::oneCallMayHoldManyKeysAndRepeats()
{
    std::vector<port::RateRequest> requests;
    for (int i = 0; i < 12; ++i) requests.push_back({"user-7", "a" + std::to_string(i)});
    requests.push_back({"user-8", "b"});
    requests.push_back({"user-7", "a3"});

    const auto moments = store().rateLimiter().reserve(requests, _limit, now());

    CPPUNIT_ASSERT_EQUAL(requests.size(), moments.size());
    for (std::size_t i = 0; i < requests.size(); ++i) CPPUNIT_ASSERT_EQUAL(i == 10 || i == 11, moments[i] > now());
    CPPUNIT_ASSERT(store().rateLimiter().reserve({}, _limit, now()).empty());
}

void RateLimiterContract::aLowerLimitCountsWhatIsThere()
{
    spendTen();
    clock().advance(30s);
    _limit.permits = 2;

    CPPUNIT_ASSERT(reserve("next") == now() + 30s);
    clock().advance(30s);
    CPPUNIT_ASSERT(isGranted("next"));
    CPPUNIT_ASSERT(isGranted("second"));
    CPPUNIT_ASSERT(!isGranted("third"));
}

void RateLimiterContract::aLimitOfNothingIsRefused()
{
    _limit.permits = 0;
    CPPUNIT_ASSERT_THROW(reserve("m0"), std::invalid_argument);
    _limit = {10, 0ms};
    CPPUNIT_ASSERT_THROW(reserve("m0"), std::invalid_argument);
}

void RateLimiterContract::sweepForgetsWhatEnded()
{
    spendTen();
    CPPUNIT_ASSERT(isGranted("held", "user-8"));
    reserve("waiting");
    clock().advance(2min);

    CPPUNIT_ASSERT_EQUAL(std::size_t{4}, store().rateLimiter().sweep(now() - _limit.window, 4));
    CPPUNIT_ASSERT_EQUAL(std::size_t{6}, store().rateLimiter().sweep(now() - _limit.window, 100));

    clock().advance(port::RateLimiter::heldFor + 1s);
    CPPUNIT_ASSERT_EQUAL(std::size_t{2}, store().rateLimiter().sweep(now() - _limit.window, 100));
}

} // namespace carillon::tests::store
