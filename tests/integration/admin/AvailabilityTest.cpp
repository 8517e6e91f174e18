#include "AdminBench.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fmt/format.h>

#include <memory>
#include <thread>

namespace carillon::tests::admin
{

using namespace std::chrono_literals;

/// Who holds connections holds nobody else up.
class AvailabilityTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AvailabilityTest);
    CPPUNIT_TEST(idleConnectionsHoldNobodyUp);
    CPPUNIT_TEST(moreConnectionsThanAllowedPushTheIdleOut);
    CPPUNIT_TEST(aProbeIsAnsweredWhileEveryThreadOfTheApiIsHeld);
    CPPUNIT_TEST(moreRequestsThanAllowedAreToldToComeBack);
    CPPUNIT_TEST(anIdleConnectionIsClosedAfterItsTime);
    CPPUNIT_TEST(manyClientsAtOnceAreAllAnswered);
    CPPUNIT_TEST(stoppingFinishesWhatRuns);
    CPPUNIT_TEST(stoppingWaitsNoLongerThanItWasTold);
    CPPUNIT_TEST(aClosedListenerLeavesItsPortToTheNext);
    CPPUNIT_TEST(aliveMeansThatTheThreadsAnswer);
    CPPUNIT_TEST_SUITE_END();

public:
    void idleConnectionsHoldNobodyUp()
    {
        AdminBench bench(fewThreads);
        const auto idle = idleConnections(bench, 64);

        const auto started = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/health").status);
        CPPUNIT_ASSERT_EQUAL(200, bench.call("GET", "/api/v1/stats").status);
        // Far below the 60 s for which an idle one may stay.
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 5s);
        CPPUNIT_ASSERT(idle.front()->send(requestLine(bench)));
        CPPUNIT_ASSERT_EQUAL(200, idle.front()->receive().status);
    }

    void moreConnectionsThanAllowedPushTheIdleOut()
    {
        AdminBench bench(fewThreads);
        const auto idle = idleConnections(bench, 300);

        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/health").status);
        CPPUNIT_ASSERT(idle.front()->isClosed());
        CPPUNIT_ASSERT(idle.back()->send(requestLine(bench)));
        CPPUNIT_ASSERT_EQUAL(200, idle.back()->receive().status);
    }

    void aProbeIsAnsweredWhileEveryThreadOfTheApiIsHeld()
    {
        AdminBench bench(fewThreads);
        const auto held = slowBodies(bench, 20);

        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/health").status);
        CPPUNIT_ASSERT_EQUAL(200, bench.callWithoutToken("GET", "/readyz").status);
    }

    void moreRequestsThanAllowedAreToldToComeBack()
    {
        AdminBench bench(
            [](AdminBench::Setup& setup)
            {
                fewThreads(setup);
                setup.admin.maxConnections = 3;
            });
        const auto held = slowBodies(bench, 3);

        const Reply reply = bench.call("GET", "/api/v1/stats");

        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), reply.header("retry-after"));
        for (const auto& client : held)
        {
            client->send("x");
            CPPUNIT_ASSERT_EQUAL(400, client->receive().status);
        }
        CPPUNIT_ASSERT_EQUAL(200, bench.call("GET", "/api/v1/stats").status);
    }

    void anIdleConnectionIsClosedAfterItsTime()
    {
        AdminBench bench([](AdminBench::Setup& setup) { setup.admin.keepAliveTimeout = 200ms; });

        CPPUNIT_ASSERT(idleConnections(bench, 1).front()->isClosed());
    }

    void manyClientsAtOnceAreAllAnswered()
    {
        AdminBench bench;
        std::atomic<int> accepted{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back(
                [&]
                {
                    for (int j = 0; j < 25; ++j)
                        if (bench.post("/api/v1/notifications", notificationBody()).status == 202) ++accepted;
                });
        for (std::thread& thread : threads) thread.join();

        CPPUNIT_ASSERT_EQUAL(200, accepted.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{200}, bench.transport().stats().at(0).ready.value());
    }

    void stoppingFinishesWhatRuns()
    {
        AdminBench bench;
        const auto held = slowBodies(bench, 1);
        std::thread stopper([&] { bench.server().stop(10s); });

        held.front()->send("x");
        const Reply reply = held.front()->receive();
        stopper.join();

        CPPUNIT_ASSERT_EQUAL(400, reply.status);
        CPPUNIT_ASSERT_THROW(RawClient{bench.address()}, std::runtime_error);
    }

    void stoppingWaitsNoLongerThanItWasTold()
    {
        AdminBench bench(fewThreads);
        const auto held = slowBodies(bench, 5);

        const auto started = std::chrono::steady_clock::now();
        bench.server().stop(50ms);

        // Far below the 60 s that a client may take.
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 10s);
        CPPUNIT_ASSERT(held.front()->isClosed());
    }

    void aClosedListenerLeavesItsPortToTheNext()
    {
        AdminBench bench;
        const int port = std::stoi(bench.address().substr(bench.address().find(':') + 1));
        const auto held = slowBodies(bench, 1);

        bench.server().closeListener();
        CPPUNIT_ASSERT(bench.server().isAlive(10s)); // the gate has come round

        AdminBench next([port](AdminBench::Setup& setup) { setup.admin.port = port; });
        CPPUNIT_ASSERT_EQUAL(200, next.callWithoutToken("GET", "/health").status);
        held.front()->send("x");
        CPPUNIT_ASSERT_EQUAL(400, held.front()->receive().status);
    }

    void aliveMeansThatTheThreadsAnswer()
    {
        AdminBench bench;
        CPPUNIT_ASSERT(bench.server().isAlive(10s));

        bench.server().stop(0ms);

        CPPUNIT_ASSERT(!bench.server().isAlive(50ms));
    }

private:
    using Clients = std::vector<std::unique_ptr<RawClient>>;

    static void fewThreads(AdminBench::Setup& setup)
    {
        setup.admin.threads = 2;
        setup.admin.probeThreads = 1;
        setup.admin.keepAliveTimeout = 60s;
        setup.admin.requestTimeout = 60s;
    }

    static std::string requestLine(const AdminBench& bench)
    {
        return fmt::format("GET /api/v1/stats HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n", bench.address(), token);
    }

    /// Each has had an answer and may bring another request.
    static Clients idleConnections(const AdminBench& bench, int count)
    {
        Clients clients;
        for (int i = 0; i < count; ++i)
        {
            clients.push_back(std::make_unique<RawClient>(bench.address()));
            clients.back()->send(requestLine(bench));
            CPPUNIT_ASSERT_EQUAL(200, clients.back()->receive().status);
        }
        return clients;
    }

    /// Each holds a thread, or a place in the queue for one: one byte is missing of its body. Known to be with the server by the interim
    /// answer, where a thread is left to give it.
    static Clients slowBodies(const AdminBench& bench, int count)
    {
        Clients clients;
        for (int i = 0; i < count; ++i)
        {
            clients.push_back(std::make_unique<RawClient>(bench.address()));
            clients.back()->send(fmt::format(
                "POST /api/v1/notifications HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAuthorization: Bearer {}\r\n"
                "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{{",
                bench.address(), token));
            // Accepted in order, so that the gate has it before a later connection.
            if (i < 1) CPPUNIT_ASSERT(clients.back()->hasAnswer(10000));
        }
        return clients;
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AvailabilityTest);

} // namespace carillon::tests::admin
