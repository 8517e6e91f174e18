#include "push/fcm/ProjectTap.h"

#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

class ProjectTapTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProjectTapTest);
    CPPUNIT_TEST(itIsOpenAtFirst);
    CPPUNIT_TEST(itStaysClosedForTheLongestWaitSeen);
    CPPUNIT_TEST_SUITE_END();

public:
    void itIsOpenAtFirst() { CPPUNIT_ASSERT(!ProjectTap().closedFor(tests::ManualClock().steady())); }

    void itStaysClosedForTheLongestWaitSeen()
    {
        tests::ManualClock clock;
        ProjectTap tap;

        tap.close(clock.steady(), 60s);
        tap.close(clock.steady(), 5s);

        CPPUNIT_ASSERT(tap.closedFor(clock.steady()) == 60s);
        clock.advance(59s);
        CPPUNIT_ASSERT(tap.closedFor(clock.steady()) == 1s);
        clock.advance(1s);
        CPPUNIT_ASSERT(!tap.closedFor(clock.steady()));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProjectTapTest);

} // namespace carillon::push::fcm
