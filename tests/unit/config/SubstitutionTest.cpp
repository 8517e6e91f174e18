#include "config/Substitution.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::config::tests
{

class SubstitutionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SubstitutionTest);
    CPPUNIT_TEST(variablesAndDefaultsArePutIn);
    CPPUNIT_TEST(theEscapeStandsForItself);
    CPPUNIT_TEST(whatIsPutInIsNotReadAgain);
    CPPUNIT_TEST(aMissingVariableIsAnError);
    CPPUNIT_TEST(brokenFormsAreErrors);
    CPPUNIT_TEST_SUITE_END();

public:
    void variablesAndDefaultsArePutIn()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a-1-b"), text("a-${ONE}-b"));
        CPPUNIT_ASSERT_EQUAL(std::string("11"), text("${ONE}${ONE}"));
        CPPUNIT_ASSERT_EQUAL(std::string("/var/x:y"), text("${NONE:/var/x:y}"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), text("${ONE:2}"));
        CPPUNIT_ASSERT_EQUAL(std::string(), text("${EMPTY:2}"));
        CPPUNIT_ASSERT_EQUAL(std::string(), text("${NONE:}"));
        CPPUNIT_ASSERT_EQUAL(std::string("100% $5"), text("100% $5"));
    }

    void theEscapeStandsForItself() { CPPUNIT_ASSERT_EQUAL(std::string("${ONE} 1"), text("$${ONE} ${ONE}")); }

    void whatIsPutInIsNotReadAgain() { CPPUNIT_ASSERT_EQUAL(std::string("${ONE}"), text("${TRICK}")); }

    void aMissingVariableIsAnError()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("needs the environment variable NONE, which is not set; set it or write ${NONE:default}"),
                             error("${NONE}"));
    }

    void brokenFormsAreErrors()
    {
        CPPUNIT_ASSERT(error("${ONE").find("without '}'") != std::string::npos);
        CPPUNIT_ASSERT(error("${}").find("names no variable") != std::string::npos);
        CPPUNIT_ASSERT(error("${A B}").find("names no variable") != std::string::npos);
        CPPUNIT_ASSERT(error("${NONE:${ONE}}").find("inside of") != std::string::npos);
    }

private:
    static Substituted run(const std::string& from) { return substitute(from, {{"ONE", "1"}, {"EMPTY", ""}, {"TRICK", "${ONE}"}}); }
    static std::string text(const std::string& from) { return run(from).text.value(); }
    static std::string error(const std::string& from)
    {
        const auto result = run(from);
        CPPUNIT_ASSERT(!result.text);
        return result.error;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SubstitutionTest);

} // namespace carillon::config::tests
