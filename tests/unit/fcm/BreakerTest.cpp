#include "push/fcm/Breaker.h"

#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;
using Admission = Breaker::Admission;

class BreakerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BreakerTest);
    CPPUNIT_TEST(differentAddressesInARowOpenIt);
    CPPUNIT_TEST(oneAddressThatAlwaysFailsNeverOpensIt);
    CPPUNIT_TEST(anAnswerInBetweenStartsTheCountAgain);
    CPPUNIT_TEST(failuresFarApartDoNotOpenIt);
    CPPUNIT_TEST(whileOpenNothingIsAdmittedUntilOneProbe);
    CPPUNIT_TEST(aProbeThatSucceedsClosesIt);
    CPPUNIT_TEST(aProbeThatFailsKeepsItOpenForAnotherWhile);
    CPPUNIT_TEST(aProbeThatWasNeverSentLetsAnotherProbe);
    CPPUNIT_TEST(lateAnswersOfBeforeDoNotCloseIt);
    CPPUNIT_TEST(zeroFailuresMeansNeverOpen);
    CPPUNIT_TEST_SUITE_END();

    tests::ManualClock _clock;
    Breaker _breaker{{.failures = 3, .window = 60s, .openFor = 10s}};

    bool fail(std::size_t address) { return _breaker.failed(Admission::Closed, address, _clock.steady()); }
    Admission admit() { return _breaker.admit(_clock.steady()); }
    void open()
    {
        for (std::size_t address = 1; address <= 3; ++address) fail(address);
        CPPUNIT_ASSERT(_breaker.isOpen());
    }

public:
    void differentAddressesInARowOpenIt()
    {
        CPPUNIT_ASSERT(!fail(1));
        CPPUNIT_ASSERT(!fail(2));
        CPPUNIT_ASSERT(admit() == Admission::Closed);
        CPPUNIT_ASSERT(fail(3));
        CPPUNIT_ASSERT(admit() == Admission::Refused);
    }

    void oneAddressThatAlwaysFailsNeverOpensIt()
    {
        for (int i = 0; i < 100; ++i) CPPUNIT_ASSERT(!fail(7));
        CPPUNIT_ASSERT(admit() == Admission::Closed);
    }

    void anAnswerInBetweenStartsTheCountAgain()
    {
        fail(1);
        fail(2);
        CPPUNIT_ASSERT(!_breaker.succeeded(Admission::Closed));
        CPPUNIT_ASSERT(!fail(3));
        CPPUNIT_ASSERT(!fail(4));
        CPPUNIT_ASSERT(!_breaker.isOpen());
    }

    void failuresFarApartDoNotOpenIt()
    {
        fail(1);
        fail(2);
        _clock.advance(61s);
        CPPUNIT_ASSERT(!fail(3));
        CPPUNIT_ASSERT(!_breaker.isOpen());
    }

    void whileOpenNothingIsAdmittedUntilOneProbe()
    {
        open();
        _clock.advance(9999ms);
        CPPUNIT_ASSERT(admit() == Admission::Refused);
        CPPUNIT_ASSERT(_breaker.retryAfter(_clock.steady()) == 1ms);
        _clock.advance(1ms);
        CPPUNIT_ASSERT(admit() == Admission::Probe);
        CPPUNIT_ASSERT(admit() == Admission::Refused);
        CPPUNIT_ASSERT(_breaker.retryAfter(_clock.steady()) == 1s);
    }

    void aProbeThatSucceedsClosesIt()
    {
        open();
        _clock.advance(10s);
        CPPUNIT_ASSERT(_breaker.succeeded(admit()));
        CPPUNIT_ASSERT(admit() == Admission::Closed);
    }

    void aProbeThatFailsKeepsItOpenForAnotherWhile()
    {
        open();
        _clock.advance(10s);
        CPPUNIT_ASSERT(_breaker.failed(admit(), 9, _clock.steady()));
        CPPUNIT_ASSERT(admit() == Admission::Refused);
        CPPUNIT_ASSERT(_breaker.retryAfter(_clock.steady()) == 10s);
        _clock.advance(10s);
        CPPUNIT_ASSERT(admit() == Admission::Probe);
    }

    void aProbeThatWasNeverSentLetsAnotherProbe()
    {
        open();
        _clock.advance(10s);
        _breaker.abandoned(admit());
        CPPUNIT_ASSERT(admit() == Admission::Probe);
    }

    void lateAnswersOfBeforeDoNotCloseIt()
    {
        open();
        CPPUNIT_ASSERT(!_breaker.succeeded(Admission::Closed));
        CPPUNIT_ASSERT(!fail(8));
        CPPUNIT_ASSERT(admit() == Admission::Refused);
    }

    void zeroFailuresMeansNeverOpen()
    {
        Breaker never({.failures = 0});
        for (std::size_t address = 0; address < 1000; ++address) never.failed(Admission::Closed, address, _clock.steady());
        CPPUNIT_ASSERT(never.admit(_clock.steady()) == Admission::Closed);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BreakerTest);

} // namespace carillon::push::fcm
