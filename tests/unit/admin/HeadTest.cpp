#include "admin/Head.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace carillon::tests::admin
{

using carillon::admin::Finding;
using carillon::admin::Head;
using carillon::admin::inspectHead;

class HeadTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HeadTest);
    CPPUNIT_TEST(everyBeginningOfARequestIsIncomplete);
    CPPUNIT_TEST(theLengthEndsBehindTheEmptyLine);
    CPPUNIT_TEST(probesAreToldByTheirPathWhateverTheQuery);
    CPPUNIT_TEST(emptyLinesBeforeARequestBelongToIt);
    CPPUNIT_TEST(whatCannotBecomeARequestIsMalformedAtOnce);
    CPPUNIT_TEST(tooMuchIsToldByWhatIsTooMuch);
    CPPUNIT_TEST_SUITE_END();

public:
    void everyBeginningOfARequestIsIncomplete()
    {
        const std::string request = "\r\nPOST /api/v1/notifications?a=b HTTP/1.1\r\nHost: localhost\r\nX:\r\n\r\n";
        for (std::size_t length = 0; length < request.size(); ++length)
            CPPUNIT_ASSERT_MESSAGE(request.substr(0, length), find(request.substr(0, length)) == Finding::Incomplete);
        CPPUNIT_ASSERT(find(request) == Finding::Request);
    }

    void theLengthEndsBehindTheEmptyLine()
    {
        const std::string head = "GET / HTTP/1.0\nHost: a\n\n";

        CPPUNIT_ASSERT_EQUAL(head.size(), inspectHead(head + "GET /health HTTP/1.1\r\n\r\n", 1000).length);
    }

    void probesAreToldByTheirPathWhateverTheQuery()
    {
        for (const char* path : {"/health", "/livez", "/readyz", "/readyz/consume", "/health?x=1"})
            CPPUNIT_ASSERT_MESSAGE(path, find(std::string("GET ") + path + " HTTP/1.1\r\n\r\n") == Finding::Probe);
        for (const char* path : {"/", "/healthy", "/metrics", "/api/v1/failed?health", "/Health"})
            CPPUNIT_ASSERT_MESSAGE(path, find(std::string("GET ") + path + " HTTP/1.1\r\n\r\n") == Finding::Request);
    }

    void emptyLinesBeforeARequestBelongToIt()
    {
        const Head head = inspectHead("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", 1000);

        CPPUNIT_ASSERT(head.finding == Finding::Request);
        CPPUNIT_ASSERT_EQUAL(std::size_t{24}, head.length);
    }

    void whatCannotBecomeARequestIsMalformedAtOnce()
    {
        using namespace std::string_literals;
        for (const std::string& bytes : {"\x16\x03\x01"s, " "s, "GE(T"s, std::string(33, 'A'), "GET\r\n"s, "GET /\r\n"s,
                                         "GET  HTTP/1.1\r\n"s, "GET / HTTX/1.1\r\n"s, "GET /a\tb HTTP/1.1\r\n"s, "\0"s})
            CPPUNIT_ASSERT_MESSAGE(bytes, find(bytes) == Finding::Malformed);
        CPPUNIT_ASSERT(find("GET / HTTP/2.0\r\n") == Finding::WrongVersion);
        CPPUNIT_ASSERT(find("GET / HTTP/1.11\r\n") == Finding::WrongVersion);
    }

    void tooMuchIsToldByWhatIsTooMuch()
    {
        std::string many = "GET / HTTP/1.1\r\n";
        for (int i = 0; i < 101; ++i) many += "X: y\r\n";

        CPPUNIT_ASSERT(find("GET /" + std::string(8000, 'x')) == Finding::TargetTooLong);
        CPPUNIT_ASSERT(find("GET / HTTP/1.1\r\nX: " + std::string(8000, 'x')) == Finding::HeadTooLarge);
        CPPUNIT_ASSERT(find(many) == Finding::HeadTooLarge);
        CPPUNIT_ASSERT(inspectHead("GET / HTTP/1.1\r\nX: y\r\n\r\n", 20).finding == Finding::HeadTooLarge);
        CPPUNIT_ASSERT(inspectHead("GET / HTTP/1.1\r\nX: yyyyyyyyyyy", 20).finding == Finding::HeadTooLarge);
    }

private:
    static Finding find(const std::string& bytes) { return inspectHead(bytes, 16 << 10).finding; }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HeadTest);

} // namespace carillon::tests::admin
