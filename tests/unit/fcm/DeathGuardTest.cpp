#include "push/fcm/DeathGuard.h"

#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

class DeathGuardTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DeathGuardTest);
    CPPUNIT_TEST(aDeadAddressIsBelieved);
    CPPUNIT_TEST(tooManyDeadAddressesAreNot);
    CPPUNIT_TEST(manyDeadAmongMoreAcceptedAreBelieved);
    CPPUNIT_TEST(aSuspiciousDeathNeedsAcceptedPushes);
    CPPUNIT_TEST(whatIsOlderThanTheWindowIsForgotten);
    CPPUNIT_TEST(aPartOfOneTurnsItOff);
    CPPUNIT_TEST_SUITE_END();

    tests::ManualClock _clock;
    DeathGuard _guard{{.maxDeadPart = 0.2, .minDead = 50, .window = 10min}};

    bool dead() { return _guard.believes(false, _clock.steady()); }
    bool suspicious() { return _guard.believes(true, _clock.steady()); }
    void accept(int count)
    {
        for (int i = 0; i < count; ++i) _guard.accepted(_clock.steady());
    }

public:
    void aDeadAddressIsBelieved() { CPPUNIT_ASSERT(dead()); }

    void tooManyDeadAddressesAreNot()
    {
        accept(100);
        for (int i = 1; i < 50; ++i) CPPUNIT_ASSERT(dead());
        CPPUNIT_ASSERT(!dead());
    }

    void manyDeadAmongMoreAcceptedAreBelieved()
    {
        accept(400);
        for (int i = 1; i <= 100; ++i) CPPUNIT_ASSERT(dead());
        CPPUNIT_ASSERT(!dead());
    }

    void aSuspiciousDeathNeedsAcceptedPushes()
    {
        CPPUNIT_ASSERT(!suspicious());
        accept(8);
        CPPUNIT_ASSERT(suspicious());
        CPPUNIT_ASSERT(!suspicious());
        CPPUNIT_ASSERT(dead());
    }

    void whatIsOlderThanTheWindowIsForgotten()
    {
        for (int i = 0; i < 60; ++i) dead();
        CPPUNIT_ASSERT(!dead());
        _clock.advance(11min);
        CPPUNIT_ASSERT(dead());
    }

    void aPartOfOneTurnsItOff()
    {
        DeathGuard none({.maxDeadPart = 1});
        for (int i = 0; i < 1000; ++i) CPPUNIT_ASSERT(none.believes(true, _clock.steady()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeathGuardTest);

} // namespace carillon::push::fcm
