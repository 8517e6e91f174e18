#include "process/Restart.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <vector>

using namespace carillon::process;
using namespace std::chrono_literals;

namespace
{

constexpr RestartPolicy policy{.initialDelay = 100ms, .maxDelay = 1s, .stableAfter = 30s, .deaths = 3, .window = 60s, .openFor = 10s};

} // namespace

class RestartTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RestartTest);
    CPPUNIT_TEST(delayDoublesUpToItsLimit);
    CPPUNIT_TEST(stableRunStartsTheDelaysAgain);
    CPPUNIT_TEST(limitBelowTheFirstDelayDoesNotShortenIt);
    CPPUNIT_TEST(breakerOpensAtTheNumberOfDeathsWithinTheWindow);
    CPPUNIT_TEST(deathsOutsideTheWindowAreForgotten);
    CPPUNIT_TEST(afterTheRestOneIsTried);
    CPPUNIT_TEST(trialThatDiesOpensAgain);
    CPPUNIT_TEST(trialThatLivesCloses);
    CPPUNIT_TEST(thoseThatLivedThroughTheTroubleProveNothing);
    CPPUNIT_TEST(trialThatEndsWellMakesRoomForTheNext);
    CPPUNIT_TEST_SUITE_END();

public:
    void delayDoublesUpToItsLimit()
    {
        RestartDelay delay(policy);
        for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) CPPUNIT_ASSERT(delay.afterDeath(1s) == expected);
    }

    void stableRunStartsTheDelaysAgain()
    {
        RestartDelay delay(policy);
        delay.afterDeath(1s);
        delay.afterDeath(1s);

        CPPUNIT_ASSERT(delay.afterDeath(30s) == 100ms);
        CPPUNIT_ASSERT(delay.afterDeath(29s) == 200ms);
    }

    void limitBelowTheFirstDelayDoesNotShortenIt()
    {
        RestartDelay delay({.initialDelay = 100ms, .maxDelay = 10ms});

        CPPUNIT_ASSERT(delay.afterDeath(1s) == 100ms);
        CPPUNIT_ASSERT(delay.afterDeath(1s) == 100ms);
    }

    void breakerOpensAtTheNumberOfDeathsWithinTheWindow()
    {
        Breaker breaker(policy);

        CPPUNIT_ASSERT(!breaker.died(1s));
        CPPUNIT_ASSERT(!breaker.died(2s));
        CPPUNIT_ASSERT(breaker.mayStart(2s));
        CPPUNIT_ASSERT(breaker.died(3s));

        CPPUNIT_ASSERT(!breaker.mayStart(3s));
        CPPUNIT_ASSERT(!breaker.isClosed());
        CPPUNIT_ASSERT(breaker.openUntil() == 13s);
        CPPUNIT_ASSERT_MESSAGE("it is open already", !breaker.died(4s));
    }

    void deathsOutsideTheWindowAreForgotten()
    {
        Breaker breaker(policy);
        breaker.died(1s);
        breaker.died(2s);

        CPPUNIT_ASSERT(!breaker.died(62s)); // the first is 61 s old
        CPPUNIT_ASSERT(breaker.died(62s));
    }

    void afterTheRestOneIsTried()
    {
        auto breaker = opened();

        CPPUNIT_ASSERT(!breaker.mayStart(12s));
        CPPUNIT_ASSERT(breaker.mayStart(13s));
        CPPUNIT_ASSERT(!breaker.mayStart(13s));
    }

    void trialThatDiesOpensAgain()
    {
        auto breaker = opened();
        breaker.mayStart(13s);

        CPPUNIT_ASSERT(breaker.died(100s));

        CPPUNIT_ASSERT(!breaker.mayStart(109s));
        CPPUNIT_ASSERT(breaker.mayStart(110s));
    }

    void trialThatLivesCloses()
    {
        auto breaker = opened();
        breaker.mayStart(13s);

        CPPUNIT_ASSERT(!breaker.lives(13s, 32s));
        CPPUNIT_ASSERT(breaker.lives(13s, 33s)); // window / deaths

        CPPUNIT_ASSERT(breaker.mayStart(33s));
        CPPUNIT_ASSERT_MESSAGE("the old deaths do not count any more", !breaker.died(34s));
    }

    void thoseThatLivedThroughTheTroubleProveNothing()
    {
        auto breaker = opened();
        breaker.mayStart(13s);

        CPPUNIT_ASSERT(!breaker.lives(0s, 50s));
    }

    void trialThatEndsWellMakesRoomForTheNext()
    {
        auto breaker = opened();
        breaker.mayStart(13s);

        breaker.ended(14s);

        CPPUNIT_ASSERT(breaker.mayStart(14s));
    }

private:
    /// Open from 3 s to 13 s.
    static Breaker opened()
    {
        Breaker breaker(policy);
        for (const auto time : {1s, 2s, 3s}) breaker.died(time);
        return breaker;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RestartTest);
