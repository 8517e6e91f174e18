#include "AdminBench.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fmt/format.h>

namespace carillon::tests::admin
{

using namespace std::chrono_literals;

/// Bytes that no well-meaning client sends. After each the server still answers.
class HostileTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HostileTest);
    CPPUNIT_TEST(garbageIsABadRequest);
    CPPUNIT_TEST(longHeadsAreTooLarge);
    CPPUNIT_TEST(largeBodiesAreRefusedBeforeTheyAreRead);
    CPPUNIT_TEST(ambiguousLengthsAreRefused);
    CPPUNIT_TEST(aDrippingHeadIsCutOff);
    CPPUNIT_TEST(aDrippingBodyIsCutOff);
    CPPUNIT_TEST(pathsLeadNowhere);
    CPPUNIT_TEST(http10IsAnsweredAndClosed);
    CPPUNIT_TEST(laterVersionsAreRefused);
    CPPUNIT_TEST(pipelinedRequestsAreAnsweredInOrder);
    CPPUNIT_TEST(aBodyIsWaitedForWhenItIsAnnounced);
    CPPUNIT_TEST_SUITE_END();

public:
    void tearDown() override { CPPUNIT_ASSERT_EQUAL(200, _bench.callWithoutToken("GET", "/health").status); }

    void garbageIsABadRequest()
    {
        using namespace std::string_literals;
        for (const std::string& bytes :
             {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS"s, "\0\0\0\0"s, "GET\r\n\r\n"s, "GET /health\r\nHost: x\r\n\r\n"s,
              " GET / HTTP/1.1\r\n\r\n"s, "G\x7fT / HTTP/1.1\r\n\r\n"s, "GET /a b HTTP/1.1\r\n\r\n"s, std::string(4000, 'A'),
              "GET health HTTP/1.1\r\nHost: localhost\r\n\r\n"s, "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"s,
              "GET /health?a=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"s, "GET /health%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"s})
        {
            const Reply reply = answerTo(bytes);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bytes, 400, reply.status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bytes, std::string("application/problem+json"), reply.header("content-type"));
        }
    }

    void longHeadsAreTooLarge()
    {
        const std::string line = "X-Long: " + std::string(7000, 'x') + "\r\n";
        std::string many;
        for (int i = 0; i < 200; ++i) many += fmt::format("X-{}: y\r\n", i);

        CPPUNIT_ASSERT_EQUAL(431, answerTo("GET /health HTTP/1.1\r\nHost: localhost\r\n" + line + line + line + "\r\n").status);
        CPPUNIT_ASSERT_EQUAL(431, answerTo("GET /health HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n").status);
        CPPUNIT_ASSERT_EQUAL(431, answerTo("GET /health HTTP/1.1\r\nHost: localhost\r\n" + many + "\r\n").status);
        CPPUNIT_ASSERT_EQUAL(414, answerTo("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n\r\n").status);
    }

    void largeBodiesAreRefusedBeforeTheyAreRead()
    {
        const std::string head =
            "POST /api/v1/notifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + token +
            "\r\nContent-Length: ";

        CPPUNIT_ASSERT_EQUAL(413, answerTo(head + "4000000\r\n\r\n" + std::string(4000000, 'x')).status);
        CPPUNIT_ASSERT_EQUAL(413, answerTo(head + "99999999999999999999999999\r\n\r\n").status);
        // Nobody without the token makes us read a body.
        CPPUNIT_ASSERT_EQUAL(401, answerTo("POST /api/v1/notifications HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n").status);
    }

    void ambiguousLengthsAreRefused()
    {
        const std::string head =
            "POST /api/v1/notifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + token +
            "\r\n";

        CPPUNIT_ASSERT_EQUAL(400, answerTo(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}").status);
        CPPUNIT_ASSERT_EQUAL(400, answerTo(head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}").status);
        CPPUNIT_ASSERT_EQUAL(400, answerTo(head + "Content-Length: +2\r\n\r\n{}").status);
        CPPUNIT_ASSERT_EQUAL(400, answerTo(head + "Content-Length: -2\r\n\r\n{}").status);
        CPPUNIT_ASSERT_EQUAL(411, answerTo(head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n").status);
        CPPUNIT_ASSERT_EQUAL(417, answerTo(head + "Expect: miracles\r\nContent-Length: 2\r\n\r\n{}").status);
    }

    void aDrippingHeadIsCutOff()
    {
        AdminBench quick([](AdminBench::Setup& setup) { setup.admin.requestTimeout = 300ms; });
        RawClient client(quick.address());
        client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n");
        int drips = 0;
        while (!client.hasAnswer(20) && drips < 500 && client.send("X")) ++drips;

        CPPUNIT_ASSERT_EQUAL(408, client.receive().status);
        CPPUNIT_ASSERT(drips < 500);
    }

    void aDrippingBodyIsCutOff()
    {
        AdminBench quick([](AdminBench::Setup& setup) { setup.admin.requestTimeout = 300ms; });
        RawClient client(quick.address());
        client.send("POST /api/v1/notifications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
                    token + "\r\nContent-Length: 100000\r\n\r\n{");
        int drips = 0;
        while (!client.hasAnswer(20) && drips < 500 && client.send(" ")) ++drips;

        CPPUNIT_ASSERT_EQUAL(408, client.receive().status);
        CPPUNIT_ASSERT(drips < 500);
    }

    void pathsLeadNowhere()
    {
        for (const char* target : {"/../../etc/passwd", "/api/v1/failed/../../../etc/passwd", "/api/v1/%2e%2e/stats", "/dashboard.js/",
                                   "/dashboard.html", "/.git/HEAD", "/api/v1", "/api/v1/stats/"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, 404, _bench.call("GET", target).status);
        CPPUNIT_ASSERT_EQUAL(404, _bench.call("GET", "/api/v1/failed/..%2f..%2fetc%2fpasswd").status);
    }

    void http10IsAnsweredAndClosed()
    {
        RawClient client(_bench.address());
        client.send("GET /health HTTP/1.0\r\n\r\n");

        const Reply reply = client.receive();

        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("close"), reply.header("connection"));
        CPPUNIT_ASSERT(client.isClosed());
    }

    void laterVersionsAreRefused()
    {
        CPPUNIT_ASSERT_EQUAL(505, answerTo("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status);
        CPPUNIT_ASSERT_EQUAL(505, answerTo("GET /health HTTP/3.7\r\n\r\n").status);
    }

    void pipelinedRequestsAreAnsweredInOrder()
    {
        const std::string body = notificationBody();
        const std::string lines = "Host: localhost\r\nAuthorization: Bearer " + token + "\r\n";
        RawClient client(_bench.address());
        client.send(fmt::format("POST /api/v1/notifications HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}"
                                "GET /api/v1/nothing HTTP/1.1\r\n{}\r\n\r\n\r\nGET /health HTTP/1.1\r\n{}\r\nGET /api/v1/stats "
                                "HTTP/1.1\r\n{}Connection: close\r\n\r\n",
                                lines, body.size(), body, lines, lines, lines));

        for (const int expected : {202, 404, 200, 200}) CPPUNIT_ASSERT_EQUAL(expected, client.receive().status);
        CPPUNIT_ASSERT(client.isClosed());
    }

    void aBodyIsWaitedForWhenItIsAnnounced()
    {
        const std::string body = notificationBody();
        RawClient client(_bench.address());
        client.send(fmt::format(
            "POST /api/v1/notifications HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
            "Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
            token, body.size()));
        CPPUNIT_ASSERT(client.hasAnswer(10000));
        client.send(body);

        CPPUNIT_ASSERT_EQUAL(202, client.receive().status);
    }

private:
    Reply answerTo(const std::string& bytes)
    {
        RawClient client(_bench.address());
        client.send(bytes);
        return client.receive();
    }

    AdminBench _bench;
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostileTest);

} // namespace carillon::tests::admin
