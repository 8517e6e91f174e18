#include "AdminBench.h"

#include "port/DeadLetters.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <set>

namespace carillon::tests::admin
{

using nlohmann::json;

class FailedTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FailedTest);
    CPPUNIT_TEST(allAreListedPageByPage);
    CPPUNIT_TEST(filtersAreKeptInTheLinkToTheNextPage);
    CPPUNIT_TEST(limitsAndCursorsThatAreNoneAreRefused);
    CPPUNIT_TEST(theBodyIsMaskedUnlessItsRevealIsAudited);
    CPPUNIT_TEST(bytesThatAreNoTextAreShownAllTheSame);
    CPPUNIT_TEST(aRetriedOneWaitsAgainAndIsAudited);
    CPPUNIT_TEST(aRemovedOneIsGoneAndAudited);
    CPPUNIT_TEST(nothingIsDoneThatCannotBeAudited);
    CPPUNIT_TEST(whatIsNotThereIsNotFoundAndNotAudited);
    CPPUNIT_TEST_SUITE_END();

public:
    void allAreListedPageByPage()
    {
        for (int i = 0; i < 7; ++i) _bench.bury("m-" + std::to_string(i));

        std::set<std::string> seen;
        std::string target = "/api/v1/failed?limit=3";
        int pages = 0;
        while (!target.empty())
        {
            const Reply reply = _bench.call("GET", target);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
            const auto page = json::parse(reply.body);
            CPPUNIT_ASSERT_EQUAL(7, page.at("total").get<int>());
            for (const auto& item : page.at("items")) CPPUNIT_ASSERT(seen.insert(item.at("id").get<std::string>()).second);
            CPPUNIT_ASSERT_EQUAL(page.at("next_cursor").is_null(), !reply.has("link"));
            const std::string link = reply.header("link");
            target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
            ++pages;
        }

        CPPUNIT_ASSERT_EQUAL(3, pages);
        CPPUNIT_ASSERT_EQUAL(std::size_t{7}, seen.size());
    }

    void filtersAreKeptInTheLinkToTheNextPage()
    {
        _bench.bury("m-1");
        _bench.bury("m-2");

        const Reply found = _bench.call("GET", "/api/v1/failed?limit=1&type=notification.send&transport=notifications");
        const Reply none = _bench.call("GET", "/api/v1/failed?type=other.type");

        CPPUNIT_ASSERT(found.header("link").find("&type=notification.send&transport=notifications>; rel=\"next\"") != std::string::npos);
        CPPUNIT_ASSERT(json::parse(none.body).at("items").empty());
    }

    void limitsAndCursorsThatAreNoneAreRefused()
    {
        for (const char* query : {"limit=0", "limit=201", "limit=-1", "limit=many", "cursor=zz", "cursor=00", "page=2"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(query, 400, _bench.call("GET", std::string("/api/v1/failed?") + query).status);
    }

    void theBodyIsMaskedUnlessItsRevealIsAudited()
    {
        _bench.bury("m-1", R"({"title":"canary"})");

        const auto masked = _bench.get("/api/v1/failed/m-1");
        CPPUNIT_ASSERT_EQUAL(std::string(), _bench.auditLog());
        const auto revealed = _bench.get("/api/v1/failed/m-1?reveal=true");

        CPPUNIT_ASSERT(masked.dump().find("canary") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("the provider did not answer"), masked.at("history").at(0).at("error").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"title":"canary"})"), revealed.at("body").get<std::string>());
        const auto line = json::parse(_bench.auditLog());
        CPPUNIT_ASSERT_EQUAL(std::string("m-1"), line.at("what").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("revealed a dead letter's body"), line.at("act").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("http api from 127.0.0.1"), line.at("by").get<std::string>());
    }

    void bytesThatAreNoTextAreShownAllTheSame()
    {
        _bench.bury("m-1", "\xff\xfe{");

        const Reply reply = _bench.call("GET", "/api/v1/failed/m-1?reveal=true");

        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("\xef\xbf\xbd\xef\xbf\xbd{"), json::parse(reply.body).at("body").get<std::string>());
    }

    void aRetriedOneWaitsAgainAndIsAudited()
    {
        _bench.bury("m-1");

        const Reply reply = _bench.call("POST", "/api/v1/failed/m-1/retry");

        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
        const auto message = _bench.transport().find("m-1");
        CPPUNIT_ASSERT(message.has_value());
        CPPUNIT_ASSERT_EQUAL(1, message->envelope.attempt);
        CPPUNIT_ASSERT(!_bench.store().deadLetters().find("m-1").has_value());
        CPPUNIT_ASSERT(_bench.auditLog().find("retried a dead letter") != std::string::npos);
    }

    void aRemovedOneIsGoneAndAudited()
    {
        _bench.bury("m-1");

        const Reply reply = _bench.call("DELETE", "/api/v1/failed/m-1");

        CPPUNIT_ASSERT_EQUAL(204, reply.status);
        CPPUNIT_ASSERT(!reply.has("content-length"));
        CPPUNIT_ASSERT_EQUAL(404, _bench.call("GET", "/api/v1/failed/m-1").status);
        CPPUNIT_ASSERT(_bench.auditLog().find("removed a dead letter") != std::string::npos);
    }

    void nothingIsDoneThatCannotBeAudited()
    {
        _bench.bury("m-1");
        _bench.forbidAudit();

        const Reply removed = _bench.call("DELETE", "/api/v1/failed/m-1");
        const Reply retried = _bench.call("POST", "/api/v1/failed/m-1/retry");

        CPPUNIT_ASSERT_EQUAL(500, removed.status);
        CPPUNIT_ASSERT_EQUAL(500, retried.status);
        CPPUNIT_ASSERT(removed.body.find("audit.log") == std::string::npos);
        CPPUNIT_ASSERT(_bench.log().find("the audit log") != std::string::npos);
        CPPUNIT_ASSERT(_bench.store().deadLetters().find("m-1").has_value());
    }

    void whatIsNotThereIsNotFoundAndNotAudited()
    {
        CPPUNIT_ASSERT_EQUAL(404, _bench.call("POST", "/api/v1/failed/m-1/retry").status);
        CPPUNIT_ASSERT_EQUAL(404, _bench.call("DELETE", "/api/v1/failed/m-1").status);
        CPPUNIT_ASSERT_EQUAL(404, _bench.call("GET", "/api/v1/failed/m-1?reveal=true").status);
        CPPUNIT_ASSERT_EQUAL(std::string(), _bench.auditLog());
    }

private:
    AdminBench _bench;
};

CPPUNIT_TEST_SUITE_REGISTRATION(FailedTest);

} // namespace carillon::tests::admin
