#include "AdminBench.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests::admin
{

using nlohmann::json;

class NotificationsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(NotificationsTest);
    CPPUNIT_TEST(anAcceptedOneHasItsDocumentAndItsMessage);
    CPPUNIT_TEST(theClientsTraceGoesOn);
    CPPUNIT_TEST(queryParametersBecomeTheEnvelopes);
    CPPUNIT_TEST(aDuplicateAnswersWithTheFirstAndLeavesNoDocument);
    CPPUNIT_TEST(aDryRunHasNoDocument);
    CPPUNIT_TEST(aViolationOfTheSchemaNamesItsPlace);
    CPPUNIT_TEST(whatIsNoJsonIsRefused);
    CPPUNIT_TEST(wrongParametersAreNamed);
    CPPUNIT_TEST(aFullDiskIsTemporary);
    CPPUNIT_TEST(anUnknownIdIsNotFound);
    CPPUNIT_TEST(nothingOfThePatientIsLogged);
    CPPUNIT_TEST_SUITE_END();

public:
    void anAcceptedOneHasItsDocumentAndItsMessage()
    {
        const Reply reply = _bench.post("/api/v1/notifications", notificationBody("Été 🌞"));

        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
        const auto answer = json::parse(reply.body);
        const std::string id = answer.at("id");
        CPPUNIT_ASSERT_EQUAL(std::string("pending"), answer.at("status").get<std::string>());
        CPPUNIT_ASSERT_EQUAL("/api/v1/notifications/" + id, answer.at("links").at("self").get<std::string>());
        CPPUNIT_ASSERT_EQUAL("/api/v1/notifications/" + id, reply.header("location"));
        const auto message = _bench.transport().find(answer.at("messageId"));
        CPPUNIT_ASSERT(message.has_value());
        CPPUNIT_ASSERT_EQUAL(notificationBody("Été 🌞"), message->envelope.body);
        CPPUNIT_ASSERT_EQUAL(std::string("diabetes"), message->envelope.service);
        const auto document = _bench.get("/api/v1/notifications/" + id);
        CPPUNIT_ASSERT_EQUAL(std::string("pending"), document.at("status").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("Été 🌞"), document.at("title").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(json({{"a", {1, 2}}}), document.at("data"));
        CPPUNIT_ASSERT(document.at("sentAt").is_null());
    }

    void theClientsTraceGoesOn()
    {
        const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        const Reply reply = _bench.call("POST", "/api/v1/notifications", notificationBody(),
                                        "Content-Type: application/json\r\ntraceparent: " + trace + "\r\n");

        CPPUNIT_ASSERT_EQUAL(trace, messageOf(reply).traceParent);
    }

    void queryParametersBecomeTheEnvelopes()
    {
        const Reply reply = _bench.post(
            "/api/v1/notifications?due_at=2036-11-23T09:00:00+01:00&expires_at=2036-11-23T09%3A00%3A00Z&priority=7&dedupe_key=dose-1",
            notificationBody());

        const Envelope envelope = messageOf(reply);
        CPPUNIT_ASSERT(envelope.dueAt == fromRfc3339("2036-11-23T08:00:00Z"));
        CPPUNIT_ASSERT(envelope.expiresAt == fromRfc3339("2036-11-23T09:00:00Z"));
        CPPUNIT_ASSERT_EQUAL(7, envelope.priority);
        CPPUNIT_ASSERT_EQUAL(std::string("dose-1"), envelope.dedupeKey);
    }

    void aDuplicateAnswersWithTheFirstAndLeavesNoDocument()
    {
        const auto first = json::parse(_bench.post("/api/v1/notifications?dedupe_key=k", notificationBody()).body);

        const Reply reply = _bench.post("/api/v1/notifications?dedupe_key=k", notificationBody("Autre"));

        CPPUNIT_ASSERT_EQUAL(202, reply.status);
        const auto second = json::parse(reply.body);
        CPPUNIT_ASSERT(second.at("duplicate").get<bool>());
        CPPUNIT_ASSERT_EQUAL(first.at("id"), second.at("id"));
        CPPUNIT_ASSERT_EQUAL(first.at("messageId"), second.at("messageId"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _bench.transport().stats().at(0).ready.value());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, _bench.documents());
        CPPUNIT_ASSERT_EQUAL(std::string("Rappel"), _bench.get(first.at("links").at("self")).at("title").get<std::string>());
    }

    void aDryRunHasNoDocument()
    {
        const Reply reply = _bench.post("/api/v1/notifications?dry_run=true", notificationBody());

        CPPUNIT_ASSERT_EQUAL(202, reply.status);
        const std::string messageId = json::parse(reply.body).at("messageId");
        CPPUNIT_ASSERT_EQUAL(std::string("true"), messageOf(reply).headers.at("x-dry-run"));
        CPPUNIT_ASSERT(!messageId.empty());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, _bench.documents());
    }

    void aViolationOfTheSchemaNamesItsPlace()
    {
        const Reply reply = _bench.post("/api/v1/notifications", notificationBody("a title that is longer than the schema allows"));

        CPPUNIT_ASSERT_EQUAL(422, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/problem+json"), reply.header("content-type"));
        const auto problem = json::parse(reply.body);
        CPPUNIT_ASSERT_EQUAL(std::string("/title"), problem.at("errors").at(0).at("pointer").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::size_t{32}, problem.at("trace_id").get<std::string>().size());
        CPPUNIT_ASSERT(reply.body.find("longer than the schema") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, _bench.transport().stats().at(0).ready.value());
    }

    void whatIsNoJsonIsRefused()
    {
        const std::string deep = std::string(10000, '[') + std::string(10000, ']');

        CPPUNIT_ASSERT_EQUAL(400, _bench.post("/api/v1/notifications", "{\"userId\": ").status);
        CPPUNIT_ASSERT_EQUAL(400, _bench.post("/api/v1/notifications", deep).status);
        CPPUNIT_ASSERT_EQUAL(400, _bench.post("/api/v1/notifications", "{\"userId\": \"\xc3\x28\"}").status);
        CPPUNIT_ASSERT_EQUAL(400, _bench.post("/api/v1/notifications", "").status);
        CPPUNIT_ASSERT_EQUAL(413, _bench.post("/api/v1/notifications", '"' + std::string(300 << 10, 'x') + '"').status);
    }

    void wrongParametersAreNamed()
    {
        for (const char* query : {"due_at=tomorrow", "priority=high", "priority=99999999999", "dry_run=yes",
                                  "expires_at=2001-01-01T00:00:00Z", "dedupe_key=", "delay=10", "priority=1&priority=2"})
        {
            const Reply reply = _bench.post(std::string("/api/v1/notifications?") + query, notificationBody());

            CPPUNIT_ASSERT_EQUAL_MESSAGE(query, 400, reply.status);
            const std::string name = json::parse(reply.body).at("errors").at(0).at("parameter");
            CPPUNIT_ASSERT_MESSAGE(query, std::string(query).starts_with(name));
        }
    }

    void aFullDiskIsTemporary()
    {
        // More free space than any disk has.
        AdminBench full([](AdminBench::Setup& setup) { setup.database.freeDiskFloor = std::uint64_t{1} << 60; });

        const Reply reply = full.post("/api/v1/notifications", notificationBody());

        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("30"), reply.header("retry-after"));
        CPPUNIT_ASSERT(reply.body.find("carillon.db") == std::string::npos);
    }

    void anUnknownIdIsNotFound()
    {
        const Reply reply = _bench.call("GET", "/api/v1/notifications/000000000000000000000000");

        CPPUNIT_ASSERT_EQUAL(404, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("application/problem+json"), reply.header("content-type"));
    }

    // Promise 8.
    void nothingOfThePatientIsLogged()
    {
        _bench.post("/api/v1/notifications?dedupe_key=canary-key", notificationBody("canary-title"));
        _bench.post("/api/v1/notifications?canary=patient-7", notificationBody(std::string(99, 'x')));

        // A line is written behind its answer.
        _bench.server().stop(std::chrono::seconds(10));
        const std::string log = _bench.log();
        CPPUNIT_ASSERT(log.find("path=/api/v1/notifications status=202") != std::string::npos);
        for (const char* secret : {"canary", "patient-7", "traitement", token.c_str()})
            CPPUNIT_ASSERT_MESSAGE(log, log.find(secret) == std::string::npos);
    }

private:
    Envelope messageOf(const Reply& reply)
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 202, reply.status);
        return _bench.transport().find(json::parse(reply.body).at("messageId")).value().envelope;
    }

    AdminBench _bench;
};

CPPUNIT_TEST_SUITE_REGISTRATION(NotificationsTest);

} // namespace carillon::tests::admin
