#include "carillon/Clock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

using namespace carillon;

class ClockTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClockTest);
    CPPUNIT_TEST(timesSurviveARoundTrip);
    CPPUNIT_TEST(offsetsAreTakenOff);
    CPPUNIT_TEST(fractionsBeyondMillisecondsAreCut);
    CPPUNIT_TEST(whatIsNoTimeIsRefusedWithItsText);
    CPPUNIT_TEST(timesBeforeTheEpochAreTimesToo);
    CPPUNIT_TEST_SUITE_END();

    void timesSurviveARoundTrip()
    {
        for (const char* text : {"2026-11-23T08:00:00.000Z", "2000-02-29T23:59:59.999Z", "1970-01-01T00:00:00.000Z"})
            CPPUNIT_ASSERT_EQUAL(std::string(text), toRfc3339(fromRfc3339(text)));
    }

    void offsetsAreTakenOff()
    {
        CPPUNIT_ASSERT(fromRfc3339("2026-11-23T09:00:00+01:00") == fromRfc3339("2026-11-23T08:00:00Z"));
        CPPUNIT_ASSERT(fromRfc3339("2026-11-23T02:30:00-05:30") == fromRfc3339("2026-11-23T08:00:00Z"));
    }

    void fractionsBeyondMillisecondsAreCut()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T08:00:00.123Z"), toRfc3339(fromRfc3339("2026-11-23T08:00:00.1239999Z")));
        CPPUNIT_ASSERT_EQUAL(std::string("2026-11-23T08:00:00.500Z"), toRfc3339(fromRfc3339("2026-11-23T08:00:00.5Z")));
    }

    void whatIsNoTimeIsRefusedWithItsText()
    {
        for (const char* text : {"", "now", "2026-11-23", "2026-11-23T08:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z",
                                 "2026-11-23T08:00:00.Z", "2026-11-23T08:00:00Z ", "2026-11-23T08:00:00+25:00", "20x6-11-23T08:00:00Z", "-026-11-23T08:00:00Z"})
        {
            try
            {
                fromRfc3339(text);
                CPPUNIT_FAIL(std::string("was taken for a time: ") + text);
            }
            catch (const std::invalid_argument& error)
            {
                CPPUNIT_ASSERT(std::string(error.what()).find("'" + std::string(text) + "'") != std::string::npos);
            }
        }
    }

    void timesBeforeTheEpochAreTimesToo() { CPPUNIT_ASSERT_EQUAL(std::string("1969-12-31T23:59:59.999Z"), toRfc3339(TimePoint(std::chrono::milliseconds(-1)))); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClockTest);
