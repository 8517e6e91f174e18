#include "integration/fcm/FcmBench.h"
#include "integration/fcm/TcpRelay.h"

#include "carillon/Errors.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>

namespace carillon::tests
{

using namespace std::chrono_literals;
using push::PushOutcome;

/// The network and the server at their worst: no push is lost from sight, and none is silently sent twice (promise 2).
class DeadConnectionTest : public FcmBench
{
    CPPUNIT_TEST_SUITE(DeadConnectionTest);
    CPPUNIT_TEST(aReusedConnectionThatIsResetDoesNotSendAgain);
    CPPUNIT_TEST(aReusedConnectionThatIsClosedDoesNotSendAgain);
    CPPUNIT_TEST(aNewConnectionThatIsResetDoesNotSendAgain);
    CPPUNIT_TEST(aConnectionThatFallsSilentIsLeft);
    CPPUNIT_TEST(aSlowAnswerAmongOthersLeavesNoConnection);
    CPPUNIT_TEST(aConnectionThatDiedIdleIsReplacedUnseen);
    CPPUNIT_TEST(aServerThatWasKilledAndRestartedIsFoundAgain);
    CPPUNIT_TEST(aServerThatIsKilledWhileItWorksLeavesAmbiguousResults);
    CPPUNIT_TEST(streamsThatGoAwaySaysWereNotReadAreTransient);
    CPPUNIT_TEST(aLonelyStreamThatGoAwaySaysWasNotReadIsTransient);
    CPPUNIT_TEST(goAwayAfterTheAnswerHurtsNobody);
    CPPUNIT_TEST(aStreamThatIsResetIsAmbiguous);
    CPPUNIT_TEST(nobodyAnsweringIsTransient);
    CPPUNIT_TEST(aHandshakeThatNeverEndsIsTransient);
    CPPUNIT_TEST(anUnknownHostIsTransient);
    CPPUNIT_TEST(anUntrustedServerGetsNothing);
    CPPUNIT_TEST(aSlowAnswerIsAmbiguous);
    CPPUNIT_TEST(theDeadlineEndsWhatWasSentAndWhatWasNot);
    CPPUNIT_TEST(aDeadlineInThePastSendsNothing);
    CPPUNIT_TEST(theEndOfTheClientEndsItsPushes);
    CPPUNIT_TEST(aMissingCaFileIsNamed);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<TcpRelay> _relay;

    TcpRelay& relay() { return *_relay; }

    /// The token endpoint stays reachable directly: only pushes go through the relay.
    void startBehindRelay()
    {
        startFake();
        const std::string endpoint = fake().endpoint();
        _relay = std::make_unique<TcpRelay>(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
        options().endpoint = relay().endpoint();
    }

    void pushOnDyingConnection(void (TcpRelay::*die)(), std::size_t streams)
    {
        startBehindRelay();
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("first")));
        relay().swallow();
        auto all = requests(streams);
        // The last one is larger than all before it together: once so much was swallowed, it was sent too.
        all.back().body = std::string(3500, 'x');
        auto pushing = std::async(std::launch::async, [&] { return push(all); });
        relay().waitUntilSwallowed(3500);
        (relay().*die)();

        for (const auto& result : pushing.get()) CPPUNIT_ASSERT_EQUAL(std::string("ambiguous connection_lost"), text(result));
        // A new connection would have worked: what was sent again would be in the fake's log.
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("last")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sendRequests());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
    }

    void killFake()
    {
        fake().process().signal(SIGKILL);
        CPPUNIT_ASSERT(fake().process().wait(10s));
        // Whoever finds it would think that the server answers.
        std::filesystem::remove(fake().stateFolder() / "ready.json");
    }

public:
    void setUp() override { options().breaker.failures = 0; }

    void tearDown() override
    {
        FcmBench::tearDown();
        _relay.reset();
    }

    void aReusedConnectionThatIsResetDoesNotSendAgain()
    {
        pushOnDyingConnection(&TcpRelay::reset, 1);
        FcmBench::tearDown();
        pushOnDyingConnection(&TcpRelay::reset, 5);
    }

    void aReusedConnectionThatIsClosedDoesNotSendAgain()
    {
        pushOnDyingConnection(&TcpRelay::close, 1);
        FcmBench::tearDown();
        pushOnDyingConnection(&TcpRelay::close, 5);
    }

    void aNewConnectionThatIsResetDoesNotSendAgain()
    {
        startFake();
        fake().script("a", {{.reset = "connection", .deliver = true}});
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous connection_lost"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().journal().size());
    }

    /// A firewall that forgot the connection, or a peer that hangs: nothing is reset, nothing is closed.
    void aConnectionThatFallsSilentIsLeft()
    {
        options().timeout = 300ms;
        startBehindRelay();
        push("first");
        relay().swallow();
        for (const auto& result : push(requests(5))) CPPUNIT_ASSERT_EQUAL(std::string("ambiguous timeout"), text(result));

        for (const auto& result : push(requests(5, "later-"))) CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(result));

        CPPUNIT_ASSERT_EQUAL(2, relay().accepted());
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, sendRequests());
        // And again, on the connection that replaced it.
        relay().swallow();
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous timeout"), text(push("lost")));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("last")));
        CPPUNIT_ASSERT_EQUAL(3, relay().accepted());
    }

    void aSlowAnswerAmongOthersLeavesNoConnection()
    {
        options().timeout = 300ms;
        startBehindRelay();
        client();
        fake().script("slow", {{.delay = 10s}});
        auto slow = std::async(std::launch::async, [&] { return push("slow"); });
        while (slow.wait_for(0s) != std::future_status::ready) push("quick");
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous timeout"), text(slow.get()));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("last")));
        CPPUNIT_ASSERT_EQUAL(1, relay().accepted());
    }

    void aConnectionThatDiedIdleIsReplacedUnseen()
    {
        startBehindRelay();
        push("first");
        relay().close();
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("second")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().journal().size());
        CPPUNIT_ASSERT_EQUAL(2, relay().accepted());
    }

    void aServerThatWasKilledAndRestartedIsFoundAgain()
    {
        startFake();
        push("first");
        killFake();
        CPPUNIT_ASSERT(push("while down").outcome == PushOutcome::Transient);
        fake().start();
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("again")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().journal().size());
    }

    void aServerThatIsKilledWhileItWorksLeavesAmbiguousResults()
    {
        startFake();
        push("first");
        fake().scriptAll({{.delay = 10s, .times = FcmAnswer::forever}});
        auto pushing = std::async(std::launch::async, [&] { return push(requests(20)); });
        while (sendRequests() < 21) std::this_thread::yield();

        killFake();

        for (const auto& result : pushing.get()) CPPUNIT_ASSERT_EQUAL(std::string("ambiguous connection_lost"), text(result));
    }

    void streamsThatGoAwaySaysWereNotReadAreTransient()
    {
        startFake();
        push("first");
        const auto all = requests(10);
        for (const auto& one : all)
            fake().script(one.address,
                          {one.address == all[4].address ? FcmAnswer{.delay = 50ms, .goaway = "unread"} : FcmAnswer{.delay = 200ms}});

        const auto results = push(all);

        for (std::size_t i = 0; i < results.size(); ++i)
            CPPUNIT_ASSERT_EQUAL(std::string(i == 4 ? "transient stream_refused" : "accepted "), text(results[i]));
        CPPUNIT_ASSERT(results[4].retryAfter == 0ms);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().requestsTo(all[4].address).size());
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push(all[4])));
    }

    void aLonelyStreamThatGoAwaySaysWasNotReadIsTransient()
    {
        startFake();
        push("first");
        fake().script("a", {{.goaway = "unread"}});
        CPPUNIT_ASSERT_EQUAL(std::string("transient stream_refused"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, fake().requestsTo("a").size());
    }

    void goAwayAfterTheAnswerHurtsNobody()
    {
        startFake();
        fake().script("address-3", {{.goaway = "after"}});
        for (const auto& one : requests(10)) CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push(one)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, connections());
        CPPUNIT_ASSERT_EQUAL(std::size_t{10}, fake().journal().size());
    }

    void aStreamThatIsResetIsAmbiguous()
    {
        startFake();
        push("first");
        fake().script("a", {{.reset = "stream", .deliver = true}});
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous connection_lost"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, fake().requestsTo("a").size());
    }

    void nobodyAnsweringIsTransient()
    {
        startFake();
        options().endpoint = "https://127.0.0.1:1";
        CPPUNIT_ASSERT_EQUAL(std::string("transient connect_failed"), text(push("a")));
    }

    void aHandshakeThatNeverEndsIsTransient()
    {
        options().connectTimeout = 100ms;
        startBehindRelay();
        relay().swallowNew(true);
        const auto started = std::chrono::steady_clock::now();

        // Five, as those that wait for the connection must not wait for one try after the other.
        const auto results = push(requests(5), 2s);

        for (const auto& result : results) CPPUNIT_ASSERT(result.outcome == PushOutcome::Transient);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 4s);
    }

    void anUnknownHostIsTransient()
    {
        startFake();
        options().endpoint = "https://fcm.invalid";
        CPPUNIT_ASSERT_EQUAL(std::string("transient resolve_failed"), text(push("a")));
    }

    void anUntrustedServerGetsNothing()
    {
        startFake();
        const FakeFcm other;
        options().caFile = other.caFile();
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured oauth_tls_untrusted"), text(push("a")));
        CPPUNIT_ASSERT(fake().requests().empty());
    }

    void aSlowAnswerIsAmbiguous()
    {
        options().timeout = 200ms;
        startFake();
        push("first");
        fake().script("a", {{.delay = 10s}});
        CPPUNIT_ASSERT_EQUAL(std::string("ambiguous timeout"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("b")));
    }

    void theDeadlineEndsWhatWasSentAndWhatWasNot()
    {
        options().maxStreams = 2;
        startFake();
        push("first");
        fake().scriptAll({{.delay = 10s, .times = FcmAnswer::forever}});
        const auto started = std::chrono::steady_clock::now();

        const auto results = push(requests(20), 300ms);

        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 5s);
        std::size_t sent = 0;
        for (const auto& result : results)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("deadline"), result.code);
            sent += result.outcome == PushOutcome::Ambiguous ? 1 : 0;
            CPPUNIT_ASSERT(result.outcome == PushOutcome::Ambiguous || result.outcome == PushOutcome::Transient);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sent);
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, sendRequests());
    }

    void aDeadlineInThePastSendsNothing()
    {
        startFake();
        push("first");
        CPPUNIT_ASSERT_EQUAL(std::string("transient deadline"), text(push(request("a"), -1s)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sendRequests());
    }

    void theEndOfTheClientEndsItsPushes()
    {
        startFake();
        push("first");
        fake().scriptAll({{.delay = 10s, .times = FcmAnswer::forever}});
        const auto started = std::chrono::steady_clock::now();
        auto pushing = std::async(std::launch::async, [&] { return push(requests(5), 8s); });
        while (sendRequests() < 6) std::this_thread::yield();

        client().cancel();

        for (const auto& result : pushing.get()) CPPUNIT_ASSERT_EQUAL(std::string("ambiguous stopping"), text(result));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 5s);
        CPPUNIT_ASSERT_EQUAL(std::string("transient stopping"), text(push("late")));
    }

    void aMissingCaFileIsNamed()
    {
        startFake();
        options().caFile = "/nonexistent/ca.pem";
        try
        {
            client();
            CPPUNIT_FAIL("taken");
        }
        catch (const ConfigurationError& error)
        {
            CPPUNIT_ASSERT_MESSAGE(error.what(),
                                   std::string(error.what()).starts_with("push.fcm.ca_file: cannot read /nonexistent/ca.pem"));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeadConnectionTest);

} // namespace carillon::tests
