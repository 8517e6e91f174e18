#include "admin/Guard.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests::admin
{

using carillon::admin::Access;
using carillon::admin::equalsInConstantTime;
using carillon::admin::Guard;
using carillon::admin::Problem;
using carillon::admin::Request;
using carillon::admin::Resource;

class GuardTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(GuardTest);
    CPPUNIT_TEST(onlyTheWholeTokenIsEqual);
    CPPUNIT_TEST(theShellIsOpenOnTheLoopbackOnly);
    CPPUNIT_TEST(thereIsNothingToLearnWithoutTheToken);
    CPPUNIT_TEST(theAddressThatWasConnectedToIsNoStrangeHost);
    CPPUNIT_TEST(aStarAllowsAnyHost);
    CPPUNIT_TEST_SUITE_END();

public:
    void onlyTheWholeTokenIsEqual()
    {
        CPPUNIT_ASSERT(equalsInConstantTime("secret", "secret"));
        for (const char* other : {"", "s", "secre", "secretx", "secretsecret", "Secret", "xecret"})
            CPPUNIT_ASSERT_MESSAGE(other, !equalsInConstantTime("secret", other));
    }

    void theShellIsOpenOnTheLoopbackOnly()
    {
        const Resource shell{{}, Access::Shell, {}};
        Request request = plain("localhost");
        request.isLoopback = true;
        CPPUNIT_ASSERT_EQUAL(0, statusOf(request, &shell));

        request.isLoopback = false;

        CPPUNIT_ASSERT_EQUAL(401, statusOf(request, &shell));
    }

    void thereIsNothingToLearnWithoutTheToken()
    {
        CPPUNIT_ASSERT_EQUAL(401, statusOf(plain("evil.example"), nullptr));
        CPPUNIT_ASSERT_EQUAL(0, statusOf(withToken(plain("localhost")), nullptr));
    }

    void theAddressThatWasConnectedToIsNoStrangeHost()
    {
        Request v4 = withToken(plain("192.0.2.7:8009"));
        v4.local = "192.0.2.7";
        Request v6 = withToken(plain("[2001:db8::7]:8009"));
        v6.local = "2001:db8::7";

        CPPUNIT_ASSERT_EQUAL(0, statusOf(v4, nullptr));
        CPPUNIT_ASSERT_EQUAL(0, statusOf(v6, nullptr));
        v4.local = "192.0.2.8";
        CPPUNIT_ASSERT_EQUAL(421, statusOf(v4, nullptr));
    }

    void aStarAllowsAnyHost()
    {
        const Guard open("0123456789abcdef", {"*"});

        CPPUNIT_ASSERT_NO_THROW(open.check(withToken(plain("any.example")), nullptr));
    }

private:
    static Request plain(const std::string& host)
    {
        Request request;
        request.method = "GET";
        request.headers["host"] = host;
        return request;
    }

    static Request withToken(Request request)
    {
        request.headers["authorization"] = "Bearer 0123456789abcdef";
        return request;
    }

    static int statusOf(const Request& request, const Resource* resource)
    {
        try
        {
            Guard("0123456789abcdef", {"localhost", "[::1]"}).check(request, resource);
            return 0;
        }
        catch (const Problem& problem)
        {
            return problem.status();
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GuardTest);

} // namespace carillon::tests::admin
