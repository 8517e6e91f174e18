#include "AdminBench.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>

namespace carillon::tests::admin
{
namespace
{

/// An address of this machine that is not its loopback; empty when it has none.
std::string ownAddress()
{
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {};
    std::string address;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next)
    {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET || (entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
        char host[NI_MAXHOST];
        if (getnameinfo(entry->ifa_addr, sizeof(sockaddr_in), host, sizeof host, nullptr, 0, NI_NUMERICHOST) == 0) address = host;
    }
    freeifaddrs(list);
    return address;
}

} // namespace

class ProtectionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProtectionTest);
    CPPUNIT_TEST(withoutTheTokenEverythingElseIsRefused);
    CPPUNIT_TEST(atAnotherAddressOnlyProbesAreOpen);
    CPPUNIT_TEST(otherHostNamesAreMisdirected);
    CPPUNIT_TEST(writesOfOtherPagesAreForbidden);
    CPPUNIT_TEST(aBodyMustSayThatItIsJson);
    CPPUNIT_TEST(otherMethodsAreToldWhichThereAre);
    CPPUNIT_TEST(headIsGetWithoutItsBody);
    CPPUNIT_TEST(noOtherOriginIsEverAllowed);
    CPPUNIT_TEST(everyAnswerForbidsWhatBrowsersWouldDo);
    CPPUNIT_TEST(aPortInUseIsAnErrorOfOneLine);
    CPPUNIT_TEST_SUITE_END();

public:
    void withoutTheTokenEverythingElseIsRefused()
    {
        AdminBench bench;
        for (const char* target :
             {"/api/v1/stats", "/api/v1/failed", "/api/v1/notifications/1", "/nothing/here", "/health/", "/HEALTH", "//health"})
        {
            const Reply reply = bench.callWithoutToken("GET", target);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, 401, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("Bearer realm=\"carillon\""), reply.header("www-authenticate"));
            CPPUNIT_ASSERT_EQUAL(std::string("application/problem+json"), reply.header("content-type"));
        }
        for (const std::string& wrong :
             {std::string("Bearer "), "Bearer " + token + "x", "Bearer " + token.substr(1), "Basic " + token, token})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, 401,
                                         bench.callWithoutToken("GET", "/api/v1/stats", "Authorization: " + wrong + "\r\n").status);
        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/api/v1/stats", "authorization: bearer " + token + "\r\n").status);
    }

    void atAnotherAddressOnlyProbesAreOpen()
    {
        const std::string own = ownAddress();
        CPPUNIT_ASSERT_MESSAGE("this test needs a network address besides the loopback", !own.empty());
        AdminBench bench([](AdminBench::Setup& setup) { setup.admin.host = "0.0.0.0"; });
        const std::string address = own + bench.address().substr(bench.address().find(':'));
        const auto statusOf = [&](const std::string& target, const std::string& headers)
        {
            RawClient client(address);
            client.send(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", target, address, headers));
            return client.receive().status;
        };

        for (const char* open : {"/health", "/livez", "/readyz", "/readyz/consume", "/metrics"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(open, 200, statusOf(open, ""));
        for (const char* closed : {"/", "/dashboard.js", "/api/v1/stats", "/nothing"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(closed, 401, statusOf(closed, ""));
        CPPUNIT_ASSERT_EQUAL(200, statusOf("/api/v1/stats", "Authorization: Bearer " + token + "\r\n"));
    }

    void otherHostNamesAreMisdirected()
    {
        AdminBench bench;
        const auto statusFor = [&](const std::string& target, const std::string& hostLine)
        {
            RawClient client(bench.address());
            client.send(fmt::format("GET {} HTTP/1.1\r\n{}Authorization: Bearer {}\r\n\r\n", target, hostLine, token));
            return client.receive().status;
        };

        CPPUNIT_ASSERT_EQUAL(200, statusFor("/api/v1/stats", "Host: LocalHost:8009\r\n"));
        CPPUNIT_ASSERT_EQUAL(421, statusFor("/api/v1/stats", "Host: evil.example\r\n"));
        CPPUNIT_ASSERT_EQUAL(421, statusFor("/", "Host: localhost.evil.example\r\n"));
        CPPUNIT_ASSERT_EQUAL(400, statusFor("/api/v1/stats", ""));
        CPPUNIT_ASSERT_EQUAL(400, statusFor("/api/v1/stats", "Host: localhost\r\nHost: localhost\r\n"));
        CPPUNIT_ASSERT_EQUAL(200, statusFor("/health", "Host: 10.1.2.3\r\n"));
    }

    void writesOfOtherPagesAreForbidden()
    {
        AdminBench bench;
        bench.bury("m-1");
        for (const char* line :
             {"Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, 403, bench.call("DELETE", "/api/v1/failed/m-1", "", line).status);
        const std::string own = "Origin: http://" + bench.address() + "\r\nSec-Fetch-Site: same-origin\r\n";

        CPPUNIT_ASSERT_EQUAL(204, bench.call("DELETE", "/api/v1/failed/m-1", "", own).status);
    }

    void aBodyMustSayThatItIsJson()
    {
        AdminBench bench;
        const auto statusFor = [&](const std::string& line)
        { return bench.call("POST", "/api/v1/notifications", notificationBody(), line).status; };

        CPPUNIT_ASSERT_EQUAL(415, statusFor(""));
        CPPUNIT_ASSERT_EQUAL(415, statusFor("Content-Type: text/plain\r\n"));
        CPPUNIT_ASSERT_EQUAL(415, statusFor("Content-Type: application/jsonx\r\n"));
        CPPUNIT_ASSERT_EQUAL(202, statusFor("Content-Type: Application/JSON ; charset=utf-8\r\n"));
    }

    void otherMethodsAreToldWhichThereAre()
    {
        AdminBench bench;
        const Reply wrong = bench.call("PUT", "/api/v1/failed/m-1");
        const Reply trace = bench.call("TRACE", "/health");
        const Reply options = bench.call("OPTIONS", "/api/v1/failed/m-1");

        CPPUNIT_ASSERT_EQUAL(405, wrong.status);
        CPPUNIT_ASSERT_EQUAL(std::string("DELETE, GET, HEAD, OPTIONS"), wrong.header("allow"));
        CPPUNIT_ASSERT_EQUAL(405, trace.status);
        CPPUNIT_ASSERT_EQUAL(204, options.status);
        CPPUNIT_ASSERT_EQUAL(std::string("DELETE, GET, HEAD, OPTIONS"), options.header("allow"));
    }

    void headIsGetWithoutItsBody()
    {
        AdminBench bench;
        RawClient client(bench.address());
        client.send("HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");

        const Reply head = client.receive(true);
        const Reply get = client.receive();

        CPPUNIT_ASSERT_EQUAL(200, head.status);
        CPPUNIT_ASSERT_EQUAL(std::to_string(get.body.size()), head.header("content-length"));
        CPPUNIT_ASSERT_EQUAL(200, get.status);
    }

    void noOtherOriginIsEverAllowed()
    {
        AdminBench bench;
        for (const char* method : {"GET", "OPTIONS"})
            for (const auto& [name, value] : bench.call(method, "/api/v1/stats", "", "Origin: https://evil.example\r\n").headers)
                CPPUNIT_ASSERT_MESSAGE(name, !name.starts_with("access-control-"));
    }

    void everyAnswerForbidsWhatBrowsersWouldDo()
    {
        AdminBench bench;
        for (const char* target : {"/health", "/api/v1/stats", "/nothing", "/", "/%zz"})
        {
            const Reply reply = bench.call("GET", target);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, std::string("nosniff"), reply.header("x-content-type-options"));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(target, std::string("no-store"), reply.header("cache-control"));
            CPPUNIT_ASSERT_MESSAGE(target, reply.header("content-security-policy").starts_with("default-src 'none'"));
            CPPUNIT_ASSERT_MESSAGE(target, reply.header("content-security-policy").find("unsafe") == std::string::npos);
        }
    }

    void aPortInUseIsAnErrorOfOneLine()
    {
        AdminBench bench;
        const int port = std::stoi(bench.address().substr(bench.address().find(':') + 1));
        try
        {
            AdminBench second([port](AdminBench::Setup& setup) { setup.admin.port = port; });
            CPPUNIT_FAIL("two servers listen on one port");
        }
        catch (const ConfigurationError& error)
        {
            const std::string text = error.what();
            CPPUNIT_ASSERT(text.find(std::to_string(port)) != std::string::npos);
            CPPUNIT_ASSERT(text.find("admin.port") != std::string::npos);
            CPPUNIT_ASSERT(text.find('\n') == std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProtectionTest);

} // namespace carillon::tests::admin
