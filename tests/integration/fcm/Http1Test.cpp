#include "integration/fcm/FcmBench.h"
#include "integration/fcm/Http1Server.h"

#include <cppunit/extensions/HelperMacros.h>

namespace carillon::tests
{

using push::PushOutcome;

class Http1Test : public FcmBench
{
    CPPUNIT_TEST_SUITE(Http1Test);
    CPPUNIT_TEST(aRequestHasItsHeadersAndNoOthers);
    CPPUNIT_TEST(aTraceParentThatIsNoneIsNotSent);
    CPPUNIT_TEST(aBatchGoesThroughOneAfterTheOther);
    CPPUNIT_TEST(aReusedConnectionThatIsClosedDoesNotSendAgain);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<Http1Server> _server;

    std::map<std::string, std::string> headersOf(const push::PushRequest& one)
    {
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push(one)));
        return _server->requests().back().headers;
    }

public:
    void setUp() override
    {
        options().breaker.failures = 0;
        startFake();
        _server = std::make_unique<Http1Server>(fake().stateFolder());
        options().endpoint = _server->endpoint();
    }

    void tearDown() override
    {
        dropClient();
        _server.reset();
        FcmBench::tearDown();
    }

    void aRequestHasItsHeadersAndNoOthers()
    {
        auto one = request("a");
        one.traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        auto headers = headersOf(one);

        CPPUNIT_ASSERT_EQUAL(std::string("/v1/projects/demo/messages:send"), _server->requests().back().path);
        CPPUNIT_ASSERT(headers["authorization"].starts_with("Bearer "));
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), headers["content-type"]);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), headers["x-goog-api-format-version"]);
        CPPUNIT_ASSERT(headers["user-agent"].starts_with("Carillon/"));
        CPPUNIT_ASSERT_EQUAL(one.traceParent, headers["traceparent"]);
        CPPUNIT_ASSERT_EQUAL(std::to_string(_server->requests().back().body.size()), headers["content-length"]);
        for (const auto* known : {"authorization", "content-type", "x-goog-api-format-version", "user-agent", "traceparent",
                                  "content-length", "accept", "host"})
            headers.erase(known);
        CPPUNIT_ASSERT_MESSAGE(headers.empty() ? "" : headers.begin()->first, headers.empty());
    }

    void aTraceParentThatIsNoneIsNotSent()
    {
        for (const auto* text :
             {"", "x", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nX-Evil: 1",
              "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331\r\n1"})
        {
            auto one = request("a");
            one.traceParent = text;
            const auto headers = headersOf(one);
            CPPUNIT_ASSERT(!headers.contains("traceparent"));
            CPPUNIT_ASSERT(!headers.contains("x-evil"));
        }
    }

    void aBatchGoesThroughOneAfterTheOther()
    {
        for (const auto& result : push(requests(50))) CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(result));
        CPPUNIT_ASSERT_EQUAL(std::size_t{50}, _server->requests().size());
    }

    /// Here a connection that ends without an answer may have processed the request, whatever libcurl thinks of the first to go.
    void aReusedConnectionThatIsClosedDoesNotSendAgain()
    {
        push("first");
        _server->closeWithoutAnswer(1);
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous connection_lost"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, _server->requests().size());
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("b")));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(Http1Test);

} // namespace carillon::tests
