#include "push/fcm/RetryAfter.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

class RetryAfterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RetryAfterTest);
    CPPUNIT_TEST(wholeSecondsAreAWait);
    CPPUNIT_TEST(allThreeHttpDatesAreAWaitUntilThen);
    CPPUNIT_TEST(aDateInThePastIsNoWait);
    CPPUNIT_TEST(garbageIsAsIfItWasNotThere);
    CPPUNIT_TEST(anAbsurdWaitDoesNotOverflow);
    CPPUNIT_TEST(protobufDurationsAreRead);
    CPPUNIT_TEST_SUITE_END();

    const TimePoint _now = fromRfc3339("2026-11-23T08:00:00Z");

    std::optional<std::chrono::milliseconds> wait(std::string_view value) const { return parseRetryAfter(value, _now); }

public:
    void wholeSecondsAreAWait()
    {
        CPPUNIT_ASSERT(wait("30") == 30s);
        CPPUNIT_ASSERT(wait("0") == 0s);
        CPPUNIT_ASSERT(wait(" 7\t") == 7s);
    }

    void allThreeHttpDatesAreAWaitUntilThen()
    {
        CPPUNIT_ASSERT(wait("Mon, 23 Nov 2026 08:01:00 GMT") == 60s);
        CPPUNIT_ASSERT(wait("Monday, 23-Nov-26 08:01:00 GMT") == 60s);
        CPPUNIT_ASSERT(wait("Mon Nov 23 08:01:00 2026") == 60s);
        CPPUNIT_ASSERT(wait("Tue Dec  1 08:00:00 2026") == 8 * 24h);
    }

    void aDateInThePastIsNoWait()
    {
        CPPUNIT_ASSERT(wait("Mon, 23 Nov 2026 07:59:59 GMT") == 0s);
        // Two digits more than 50 years ahead are the past century's.
        CPPUNIT_ASSERT(wait("Sunday, 06-Nov-94 08:49:37 GMT") == 0s);
    }

    void garbageIsAsIfItWasNotThere()
    {
        for (const auto* value : {"", "  ", "-1", "+5", "1.5", "soon", "12 s", "1e3", "Mon, 23 Nov 2026 08:01:00",
                                  "Mon, 23 Nov 2026 08:01:00 CET", "Mon, 31 Feb 2026 08:01:00 GMT", "Mon, 23 Foo 2026 08:01:00 GMT",
                                  "Mon, 23 Nov 2026 25:01:00 GMT", "Mon,", "99999999999999999999", "Mon, 23 Nov 99999999 08:00:00 GMT"})
            CPPUNIT_ASSERT_MESSAGE(value, !wait(value));
    }

    void anAbsurdWaitDoesNotOverflow() { CPPUNIT_ASSERT(wait("999999999999999999") == 366 * 24h); }

    void protobufDurationsAreRead()
    {
        CPPUNIT_ASSERT(parseDuration("30s") == 30s);
        CPPUNIT_ASSERT(parseDuration("0.5s") == 500ms);
        CPPUNIT_ASSERT(parseDuration("1.000000001s") == 1s);
        for (const auto* text : {"", "s", "30", "-1s", "abcs", "1.2.3s", "10.abcs", "1.0000000001s"})
            CPPUNIT_ASSERT_MESSAGE(text, !parseDuration(text));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RetryAfterTest);

} // namespace carillon::push::fcm
