#include "chain/TraceContext.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace carillon::chain;

/// The rules of https://www.w3.org/TR/trace-context/#traceparent-header.
class TraceContextTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TraceContextTest);
    CPPUNIT_TEST(wellFormedParentsAreContinued);
    CPPUNIT_TEST(malformedParentsBeginANewTrace);
    CPPUNIT_TEST(laterVersionsAreReadAsFarAsWeKnowThem);
    CPPUNIT_TEST(onlyTheSampledFlagIsCarriedOn);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    void wellFormedParentsAreContinued()
    {
        const std::string child = childOf(parent);
        CPPUNIT_ASSERT(isTraceParent(child));
        CPPUNIT_ASSERT_EQUAL(std::string_view("4bf92f3577b34da6a3ce929d0e0e4736"), traceIdOf(child));
        CPPUNIT_ASSERT(child.substr(36, 16) != std::string(parent).substr(36, 16));
    }

    void malformedParentsBeginANewTrace()
    {
        for (const char* text : {"", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                 "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                 "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01"})
        {
            CPPUNIT_ASSERT_MESSAGE(text, !isTraceParent(text));
            CPPUNIT_ASSERT_MESSAGE(text, isTraceParent(childOf(text)));
        }
        CPPUNIT_ASSERT(traceIdOf(childOf("")) != traceIdOf(childOf("")));
    }

    void laterVersionsAreReadAsFarAsWeKnowThem()
    {
        CPPUNIT_ASSERT(isTraceParent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-says"));
        CPPUNIT_ASSERT(!isTraceParent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.future"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{55}, childOf("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what").size());
    }

    void onlyTheSampledFlagIsCarriedOn()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("01"), childOf("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff").substr(53));
        CPPUNIT_ASSERT_EQUAL(std::string("00"), childOf("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe").substr(53));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TraceContextTest);
