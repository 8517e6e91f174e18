#include "integration/fakefcm/FcmClient.h"
#include "integration/fakefcm/RawPeer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <poll.h>

#include <random>

namespace carillon::tests
{

using namespace std::chrono_literals;

/// Whatever a peer sends, the server goes on serving the others.
class HostilePeerTest : public FakeFcmFixture
{
    CPPUNIT_TEST_SUITE(HostilePeerTest);
    CPPUNIT_TEST(randomBytesOnEveryLayerDoNoHarm);
    CPPUNIT_TEST(mutatedRequestsDoNoHarm);
    CPPUNIT_TEST(mutatedHttp2FramesDoNoHarm);
    CPPUNIT_TEST(wrongHttp1IsAnsweredAndClosed);
    CPPUNIT_TEST(requestsInPiecesAndPipelinedAreAnsweredInOrder);
    CPPUNIT_TEST(unfinishedHandshakeTimesOut);
    CPPUNIT_TEST(slowRequestTimesOut);
    CPPUNIT_TEST(slowHttp2RequestIsCancelledAndTheConnectionGoesOn);
    CPPUNIT_TEST(idleConnectionsAreClosed);
    CPPUNIT_TEST(peerThatReadsNothingIsGivenUp);
    CPPUNIT_TEST(halfOpenConnectionsCostNothing);
    CPPUNIT_TEST(unknownAlpnIsRefused);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* sendPath = "/v1/projects/demo/messages:send";

    void expectAlive()
    {
        FcmClient fresh(fake());
        CPPUNIT_ASSERT_EQUAL(200L, fresh.send(dataMessage("a")).status);
    }

    static std::string randomBytes(std::mt19937& random, std::size_t size)
    {
        std::string bytes(size, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random());
        return bytes;
    }

    static std::string mutated(std::string text, std::mt19937& random)
    {
        for (unsigned i = random() % 8; i > 0 && !text.empty(); --i)
        {
            const std::size_t at = random() % text.size();
            switch (random() % 4)
            {
            case 0: text[at] = static_cast<char>(random()); break;
            case 1: text.erase(at, random() % 16); break;
            case 2: text.insert(at, randomBytes(random, random() % 16)); break;
            default: text.insert(at, text.substr(random() % text.size(), random() % 64)); break;
            }
        }
        return text;
    }

    /// Sends it and closes at once or after a look at the answer.
    void throwAt(RawPeer& peer, const std::string& bytes, std::mt19937& random)
    {
        peer.write(bytes);
        if (random() % 2 == 0) peer.hangUp();
        peer.readAll(random() % 2 == 0 ? 5ms : 0ms);
    }

public:
    void setUp() override { start({"--accept-any"}); }

    void randomBytesOnEveryLayerDoNoHarm()
    {
        std::mt19937 random(1);
        for (int i = 0; i < 60; ++i)
        {
            const std::string bytes = randomBytes(random, 1 + random() % 3000);
            RawPeer tcp(fake().endpoint());
            throwAt(tcp, bytes, random);
            RawPeer admin(fake().adminEndpoint());
            throwAt(admin, bytes, random);
            RawPeer http1(fake(), "http/1.1");
            throwAt(http1, bytes, random);
            RawPeer http2(fake(), "h2");
            throwAt(http2, i % 2 == 0 ? bytes : RawPeer::http2Preface() + bytes, random);
        }
        expectAlive();
    }

    void mutatedRequestsDoNoHarm()
    {
        const std::string token = client().accessToken();
        const std::string body = R"({"message":{"token":"a","data":{"k":"v"},"android":{"ttl":"10s","notification":{"tag":"t"}}}})";
        const std::string request = "POST " + std::string(sendPath) + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token +
                                    "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                    body;
        const std::string chunked = "POST " + std::string(sendPath) + " HTTP/1.1\r\nAuthorization: Bearer " + token +
                                    "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"mes\r\n3;x=y\r\nsag\r\n0\r\nTrailer: x\r\n\r\n";
        std::mt19937 random(2);
        for (int i = 0; i < 300; ++i)
        {
            RawPeer peer(fake(), "http/1.1");
            throwAt(peer, mutated(i % 3 == 0 ? chunked : request + request, random), random);
        }
        // Bodies alone, with the frame around them right: these reach the JSON reader and the schema.
        for (int i = 0; i < 1000; ++i)
        {
            const long status = client().sendRaw(mutated(body, random)).status;
            CPPUNIT_ASSERT_MESSAGE(std::to_string(status), status == 200 || status == 400);
        }
        expectAlive();
    }

    void mutatedHttp2FramesDoNoHarm()
    {
        std::mt19937 random(3);
        for (int i = 0; i < 300; ++i)
        {
            std::string frames;
            for (std::uint32_t stream = 1; stream < 9; stream += 2)
            {
                frames += RawPeer::http2Headers(stream, "POST", sendPath);
                frames += RawPeer::http2Frame(0, static_cast<std::uint8_t>(random() % 2), stream, R"({"message":{"token":"a"}})");
                frames += RawPeer::http2Frame(static_cast<std::uint8_t>(random() % 12), static_cast<std::uint8_t>(random()), stream,
                                              randomBytes(random, random() % 40));
            }
            RawPeer peer(fake(), "h2");
            throwAt(peer, RawPeer::http2Preface() + mutated(frames, random), random);
        }
        expectAlive();
    }

    void wrongHttp1IsAnsweredAndClosed()
    {
        const std::vector<std::pair<std::string, std::string>> cases{
            {"GARBAGE\r\n\r\n", "400"},
            {"GET / HTTP/3.0\r\n\r\n", "505"},
            {"GET  / HTTP/1.1\r\n\r\n", "400"},
            {"GET nowhere HTTP/1.1\r\n\r\n", "400"},
            {"GET /%zz HTTP/1.1\r\n\r\n", "400"},
            {"GET / HTTP/1.1\r\nNo colon\r\n\r\n", "400"},
            {"GET / HTTP/1.1\r\n folded: x\r\n\r\n", "400"},
            {"GET / HTTP/1.1\r\nName : x\r\n\r\n", "400"},
            {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
            {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
            {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
            {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
            {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
            {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n", "400"},
            {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", "413"},
            {"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413"},
            {"GET /" + std::string(40000, 'x') + " HTTP/1.1\r\n\r\n", "413"},
            {std::string(40000, 'x'), "413"},
            {"GET / HTTP/1.1\r\n" + std::string(20000, 'a') + ": x\r\n" + std::string(20000, 'b') + ": x\r\n\r\n", "413"},
        };
        for (const auto& [request, status] : cases)
        {
            RawPeer peer(fake(), "http/1.1");
            peer.write(request);
            const std::string answer = peer.readAll(10s);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(request.substr(0, 80) + "\n" + answer, "HTTP/1.1 " + status, answer.substr(0, 12));
            CPPUNIT_ASSERT_MESSAGE(answer, answer.find("connection: close") != std::string::npos);
        }
    }

    void requestsInPiecesAndPipelinedAreAnsweredInOrder()
    {
        fake().registerAddresses({{.text = "slow", .state = "slow", .slow = std::chrono::milliseconds(100)}});
        const std::string token = client().accessToken();
        const auto request = [&](const std::string& address, const std::string& more)
        {
            const std::string body = R"({"message":{"token":")" + address + "\"}}";
            return "POST " + std::string(sendPath) + " HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\n" + more +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        };
        RawPeer peer(fake(), "http/1.1");
        for (const char c : request("first", "")) peer.write(std::string(1, c));
        peer.write("\r\n" + request("slow", "Expect: 100-continue\r\n") + request("last", "") + "GET /gone HTTP/1.0\r\n\r\n");

        const std::string answers = peer.readAll(10s);

        std::vector<std::string> statuses;
        for (std::size_t at = answers.find("HTTP/1.1 "); at != std::string::npos; at = answers.find("HTTP/1.1 ", at + 1))
            statuses.push_back(answers.substr(at + 9, 3));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(answers, std::string("200 100 200 200 404"),
                                     statuses.at(0) + " " + statuses.at(1) + " " + statuses.at(2) + " " + statuses.at(3) + " " +
                                         statuses.at(4));
        const auto journal = fake().journal();
        CPPUNIT_ASSERT_EQUAL(std::string("slow"), journal.at(1).address);
        CPPUNIT_ASSERT_EQUAL(std::string("last"), journal.at(2).address);
    }

    void unfinishedHandshakeTimesOut()
    {
        start({"--accept-any", "--request-timeout", "200ms"});
        RawPeer silent(fake().endpoint());
        RawPeer half(fake().endpoint());
        half.write("\x16\x03\x01");
        CPPUNIT_ASSERT(silent.waitForEnd(10s));
        CPPUNIT_ASSERT(half.waitForEnd(10s));
    }

    void slowRequestTimesOut()
    {
        start({"--accept-any", "--request-timeout", "200ms"});
        RawPeer head(fake(), "http/1.1");
        head.write("POST / HTTP/1.1\r\nX: ");
        RawPeer body(fake(), "http/1.1");
        body.write("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12");
        CPPUNIT_ASSERT(head.readAll(10s).starts_with("HTTP/1.1 408"));
        CPPUNIT_ASSERT(body.readAll(10s).starts_with("HTTP/1.1 408"));
    }

    void slowHttp2RequestIsCancelledAndTheConnectionGoesOn()
    {
        start({"--accept-any", "--request-timeout", "200ms"});
        RawPeer peer(fake(), "h2");
        peer.write(RawPeer::http2Preface() + RawPeer::http2Headers(1, "POST", sendPath) + RawPeer::http2Frame(0, 0, 1, "{"));

        const auto cancelled = peer.readFrame(3);

        CPPUNIT_ASSERT(cancelled.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("\0\0\0\x8", 4), cancelled->payload); // CANCEL
        peer.write(RawPeer::http2Headers(3, "POST", "/batch") + RawPeer::http2Frame(0, 1, 3, ""));
        CPPUNIT_ASSERT(peer.readFrame(1).has_value());
    }

    void idleConnectionsAreClosed()
    {
        start({"--accept-any", "--idle-timeout", "200ms"});
        RawPeer http1(fake(), "http/1.1");
        http1.write("GET / HTTP/1.1\r\n\r\n");
        RawPeer http2(fake(), "h2");
        http2.write(RawPeer::http2Preface());

        const auto goAway = http2.readFrame(7);

        CPPUNIT_ASSERT(goAway.has_value());
        CPPUNIT_ASSERT_EQUAL(std::string("session_timed_out"), goAway->payload.substr(8));
        CPPUNIT_ASSERT(http2.waitForEnd(10s));
        CPPUNIT_ASSERT(http1.waitForEnd(10s));
    }

    void peerThatReadsNothingIsGivenUp()
    {
        start({"--accept-any", "--idle-timeout", "300ms", "--request-timeout", "300ms"});
        const std::string token = client().accessToken();
        fake().script("big", {{.padToBytes = 32 * 1024 * 1024}});
        const std::string body = R"({"message":{"token":"big"}})";
        RawPeer peer(fake(), "http/1.1");
        peer.write("POST " + std::string(sendPath) + " HTTP/1.1\r\nAuthorization: Bearer " + token +
                   "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);

        const auto deadline = std::chrono::steady_clock::now() + 10s;
        const auto open = [&] { return Json::parse(fake().admin("GET", "/stats")).at("openConnections").get<int>(); };
        while (open() > 0 && std::chrono::steady_clock::now() < deadline) poll(nullptr, 0, 10);
        CPPUNIT_ASSERT_EQUAL(0, open());
    }

    void halfOpenConnectionsCostNothing()
    {
        std::vector<std::unique_ptr<RawPeer>> peers;
        for (int i = 0; i < 300; ++i) peers.push_back(std::make_unique<RawPeer>(fake().endpoint()));
        expectAlive();
        peers.clear();
        expectAlive();
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        const auto open = [&] { return Json::parse(fake().admin("GET", "/stats")).at("openConnections").get<int>(); };
        while (open() > 0 && std::chrono::steady_clock::now() < deadline) poll(nullptr, 0, 10);
        CPPUNIT_ASSERT_EQUAL(0, open());
    }

    void unknownAlpnIsRefused()
    {
        CPPUNIT_ASSERT_THROW(RawPeer(fake(), "spdy/1"), std::runtime_error);
        RawPeer none(fake(), "");
        none.write("GET / HTTP/1.0\r\n\r\n");
        CPPUNIT_ASSERT(none.readAll(10s).starts_with("HTTP/1.1 404"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostilePeerTest);

} // namespace carillon::tests
