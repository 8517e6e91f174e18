#include "admin/Http.h"
#include "admin/Parameters.h"

#include <cppunit/extensions/HelperMacros.h>
#include <nlohmann/json.hpp>

namespace carillon::tests::admin
{

using namespace carillon::admin;

class HttpTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HttpTest);
    CPPUNIT_TEST(aTargetIsSplitBeforeItIsDecoded);
    CPPUNIT_TEST(plusStaysPlus);
    CPPUNIT_TEST(targetsThatAreNoneAreBadRequests);
    CPPUNIT_TEST(linksCarryAnyText);
    CPPUNIT_TEST(aProblemTellsWhatRfc9457Asks);
    CPPUNIT_TEST(anAnswerWithoutContentHasNoLength);
    CPPUNIT_TEST_SUITE_END();

public:
    void aTargetIsSplitBeforeItIsDecoded()
    {
        Request request;
        setTarget(request, "/api/a%2Fb/%C3%A9?name=x%26y&flag");

        CPPUNIT_ASSERT((request.segments == std::vector<std::string>{"api", "a/b", "é"}));
        CPPUNIT_ASSERT_EQUAL(std::string("/api/a%2Fb/%C3%A9"), request.target);
        CPPUNIT_ASSERT_EQUAL(std::string("x&y"), *request.parameter("name"));
        CPPUNIT_ASSERT_EQUAL(std::string(), *request.parameter("flag"));
        CPPUNIT_ASSERT(request.parameter("other") == nullptr);
    }

    void plusStaysPlus()
    {
        Request request;
        setTarget(request, "/?due_at=2026-11-23T09:00:00+01:00");

        CPPUNIT_ASSERT(timeParameter(request, "due_at") == fromRfc3339("2026-11-23T08:00:00Z"));
    }

    void targetsThatAreNoneAreBadRequests()
    {
        for (const char* target :
             {"", "health", "*", "http://localhost/health", "/%", "/%4", "/%g0", "/%00", "/a%0d%0ab", "/?a=%1", "/?a=1&a=2", "/#top"})
        {
            Request request;
            try
            {
                setTarget(request, target);
                CPPUNIT_FAIL(target);
            }
            catch (const Problem& problem)
            {
                CPPUNIT_ASSERT_EQUAL(400, problem.status());
            }
        }
    }

    void linksCarryAnyText() { CPPUNIT_ASSERT_EQUAL(std::string("a-b_c.d~%20%2F%3E%C3%A9"), percentEncoded("a-b_c.d~ />é")); }

    void aProblemTellsWhatRfc9457Asks()
    {
        const Problem problem(422, "is too long", {{"X", "y"}}, {{"/title", "", "is too long"}, {"", "limit", "is no number"}});

        const Response response = problemResponse(problem, "/a\xff", "abc");

        const auto json = nlohmann::json::parse(response.body);
        CPPUNIT_ASSERT_EQUAL(422, json.at("status").get<int>());
        CPPUNIT_ASSERT_EQUAL(std::string("Unprocessable Content"), json.at("title").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("about:blank"), json.at("type").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("abc"), json.at("trace_id").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("/title"), json.at("errors").at(0).at("pointer").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("limit"), json.at("errors").at(1).at("parameter").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("application/problem+json"), response.contentType);
    }

    void anAnswerWithoutContentHasNoLength()
    {
        const std::string wire = toWire({204, "", "", {}}, false, true);

        CPPUNIT_ASSERT(wire.starts_with("HTTP/1.1 204 No Content\r\n"));
        CPPUNIT_ASSERT(wire.find("Content-Length") == std::string::npos);
        CPPUNIT_ASSERT(wire.ends_with("\r\n\r\n"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpTest);

} // namespace carillon::tests::admin
