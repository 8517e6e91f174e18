#include "AdminBench.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests::admin
{

class DashboardTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DashboardTest);
    CPPUNIT_TEST(thePageIsOpenOnThisMachineAndHoldsNoData);
    CPPUNIT_TEST(itsPolicyAllowsItsOwnFilesOnly);
    CPPUNIT_TEST_SUITE_END();

public:
    void thePageIsOpenOnThisMachineAndHoldsNoData()
    {
        AdminBench bench;
        bench.bury("canary-id");
        for (const char* file : {"/", "/dashboard.css", "/dashboard.js"})
        {
            const Reply reply = bench.callWithoutToken("GET", file);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(file, 200, reply.status);
            CPPUNIT_ASSERT_MESSAGE(file, !reply.body.empty());
            CPPUNIT_ASSERT_MESSAGE(file, reply.body.find("canary-id") == std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(file, reply.body.find(token) == std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(file, !reply.has("set-cookie"));
        }
    }

    void itsPolicyAllowsItsOwnFilesOnly()
    {
        AdminBench bench;

        const Reply page = bench.callWithoutToken("GET", "/");

        const std::string policy = page.header("content-security-policy");
        CPPUNIT_ASSERT(policy.find("script-src 'self';") != std::string::npos);
        CPPUNIT_ASSERT(policy.find("unsafe") == std::string::npos);
        // Inline handlers and styles would be dead under that policy.
        for (const char* inlined : {"<script>", " style=", " onclick=", "javascript:"})
            CPPUNIT_ASSERT_MESSAGE(inlined, page.body.find(inlined) == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DashboardTest);

} // namespace carillon::tests::admin
