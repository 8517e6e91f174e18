#include "carillon/RetryPolicy.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace carillon;
using std::chrono::milliseconds;

class RetryPolicyTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RetryPolicyTest);
    CPPUNIT_TEST(waitsAreMultiplied);
    CPPUNIT_TEST(noWaitIsLongerThanTheLongest);
    CPPUNIT_TEST(retryAfterLengthensAndNeverShortens);
    CPPUNIT_TEST(jitterSpreadsEvenlyToBothSides);
    CPPUNIT_TEST(threeRetriesAreFourAttempts);
    CPPUNIT_TEST(hugeAttemptsDoNotOverflow);
    CPPUNIT_TEST_SUITE_END();

    static RetryPolicy policy() { return {3, milliseconds(2000), 2.0, milliseconds(0), 0.0}; }

    void waitsAreMultiplied()
    {
        CPPUNIT_ASSERT(milliseconds(2000) == policy().waitAfter(1, 0.3));
        CPPUNIT_ASSERT(milliseconds(4000) == policy().waitAfter(2, 0.9));
        CPPUNIT_ASSERT(milliseconds(8000) == policy().waitAfter(3, 0.0));
    }

    void noWaitIsLongerThanTheLongest()
    {
        RetryPolicy capped = policy();
        capped.maxDelay = milliseconds(5000);
        CPPUNIT_ASSERT(milliseconds(5000) == capped.waitAfter(3, 0.5));
    }

    void retryAfterLengthensAndNeverShortens()
    {
        CPPUNIT_ASSERT(milliseconds(30000) == policy().waitAfter(1, 0.5, milliseconds(30000)));
        CPPUNIT_ASSERT(milliseconds(8000) == policy().waitAfter(3, 0.5, milliseconds(1000)));
        RetryPolicy capped = policy();
        capped.maxDelay = milliseconds(5000);
        CPPUNIT_ASSERT(milliseconds(60000) == capped.waitAfter(3, 0.5, milliseconds(60000)));
    }

    void jitterSpreadsEvenlyToBothSides()
    {
        RetryPolicy spread = policy();
        spread.jitter = 0.1;
        CPPUNIT_ASSERT(milliseconds(1800) == spread.waitAfter(1, 0.0));
        CPPUNIT_ASSERT(milliseconds(2000) == spread.waitAfter(1, 0.5));
        CPPUNIT_ASSERT(milliseconds(2190) == spread.waitAfter(1, 0.975));
    }

    void threeRetriesAreFourAttempts()
    {
        CPPUNIT_ASSERT(policy().allowsAnother(3));
        CPPUNIT_ASSERT(!policy().allowsAnother(4));
        CPPUNIT_ASSERT(!(RetryPolicy{0, milliseconds(1), 1, milliseconds(0), 0}).allowsAnother(1));
    }

    void hugeAttemptsDoNotOverflow() { CPPUNIT_ASSERT(policy().waitAfter(100000, 0.5) == std::chrono::hours(24 * 365)); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RetryPolicyTest);
