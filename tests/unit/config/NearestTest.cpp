#include "config/Nearest.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

class NearestTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(NearestTest);
    CPPUNIT_TEST(swappedLettersCountOnce);
    CPPUNIT_TEST(theClosestIsMeant);
    CPPUNIT_TEST(whatIsFarIsNotMeant);
    CPPUNIT_TEST_SUITE_END();

public:
    void swappedLettersCountOnce()
    {
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, editDistance("prot", "port"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, editDistance("max_retires", "max_retries"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, editDistance("", "abc"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, editDistance("kitten", "sitting"));
    }

    void theClosestIsMeant() { CPPUNIT_ASSERT(nearest("stge", {"dev", "test", "stage", "prod"}) == "stage"); }

    void whatIsFarIsNotMeant()
    {
        CPPUNIT_ASSERT(!nearest("production-eu", {"dev", "test", "stage", "prod"}));
        CPPUNIT_ASSERT(!nearest("xy", {"ab"}));
        CPPUNIT_ASSERT(!nearest("x", {}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NearestTest);

} // namespace carillon::config::tests
