#include "integration/fcm/FcmBench.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>

namespace carillon::tests
{

using namespace std::chrono_literals;
using push::PushOutcome;

class AccessTokenTest : public FcmBench
{
    CPPUNIT_TEST_SUITE(AccessTokenTest);
    CPPUNIT_TEST(manyThreadsShareOneToken);
    CPPUNIT_TEST(aTokenThatEndsInTheMiddleOfABatchIsReplacedOnce);
    CPPUNIT_TEST(shortLivedTokensAreRefreshedBeforeTheyEnd);
    CPPUNIT_TEST(aTokenThatIsRefusedForGoodIsTriedTwice);
    CPPUNIT_TEST(anEndpointThatIsDownIsTheProvidersFault);
    CPPUNIT_TEST(anEndpointThatIsDownDoesNotMatterWhileATokenServes);
    CPPUNIT_TEST(anEndpointThatRecoversIsUsedAgain);
    CPPUNIT_TEST(aRevokedAccountIsMisconfigured);
    CPPUNIT_TEST(aSlowEndpointDoesNotHoldUpBeyondTheDeadline);
    CPPUNIT_TEST(withoutAServiceAccountOnlyDryRunsWork);
    CPPUNIT_TEST_SUITE_END();

    std::size_t accepted(std::span<const push::PushResult> results) const
    {
        std::size_t count = 0;
        for (const auto& result : results) count += result.outcome == PushOutcome::Accepted ? 1 : 0;
        return count;
    }

public:
    void setUp() override { options().breaker.failures = 0; }

    void manyThreadsShareOneToken()
    {
        startFake();
        fake().scriptTokens({{.delay = 100ms}});
        client();
        std::vector<std::future<push::PushResult>> threads;
        for (int i = 0; i < 8; ++i) threads.push_back(std::async(std::launch::async, [this, i] { return push("a" + std::to_string(i)); }));
        for (auto& thread : threads) CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(thread.get()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, tokenRequests());
    }

    void aTokenThatEndsInTheMiddleOfABatchIsReplacedOnce()
    {
        startFake();
        fake().scriptAll({{.delay = 5ms, .times = FcmAnswer::forever}});
        push("first");
        auto batch = std::async(std::launch::async, [this] { return push(requests(1000)); });
        while (fake().requests().size() < 100) std::this_thread::yield();

        fake().revokeTokens();

        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, accepted(batch.get()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, tokenRequests());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1001}, fake().journal().size());
        // Only those that were under way with the old token were sent twice.
        CPPUNIT_ASSERT(sendRequests() > 1001 && sendRequests() <= 1001 + 200);
    }

    void shortLivedTokensAreRefreshedBeforeTheyEnd()
    {
        startFake({"--accept-any", "--token-life", "2s"});
        const auto end = std::chrono::steady_clock::now() + 3s;
        while (std::chrono::steady_clock::now() < end) CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("a")));
        // Refreshed after half its life, in the background: no push was refused for its token.
        for (const auto& seen : fake().requests()) CPPUNIT_ASSERT_EQUAL(200, seen.status);
        CPPUNIT_ASSERT(tokenRequests() >= 3 && tokenRequests() <= 5);
    }

    void aTokenThatIsRefusedForGoodIsTriedTwice()
    {
        startFake();
        fake().script("a", {{.status = 401, .times = FcmAnswer::forever}});

        const auto result = push("a");

        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured UNAUTHENTICATED"), text(result));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sendRequests());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, tokenRequests());
    }

    void anEndpointThatIsDownIsTheProvidersFault()
    {
        startFake();
        fake().scriptTokens({{.status = 503, .times = FcmAnswer::forever}});

        const auto results = push(requests(10));

        for (const auto& result : results)
        {
            CPPUNIT_ASSERT_EQUAL(std::string("provider_down oauth_internal_failure"), text(result));
            CPPUNIT_ASSERT(result.retryAfter.has_value());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, tokenRequests());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, sendRequests());
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, observer().tokenCodes().size());
    }

    void anEndpointThatIsDownDoesNotMatterWhileATokenServes()
    {
        startFake({"--accept-any", "--token-life", "10s"});
        push("first");
        fake().scriptTokens({{.status = 500, .times = FcmAnswer::forever}});
        for (int i = 0; i < 50; ++i) CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("a")));
    }

    void anEndpointThatRecoversIsUsedAgain()
    {
        startFake();
        fake().scriptTokens({{.status = 503, .times = 2}});
        CPPUNIT_ASSERT_EQUAL(std::string("accepted "), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, tokenRequests());

        fake().scriptTokens({{.status = 503, .times = 3}});
        fake().revokeTokens();
        CPPUNIT_ASSERT(push("a").outcome == PushOutcome::ProviderDown);
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (push("a").outcome != PushOutcome::Accepted) CPPUNIT_ASSERT(std::chrono::steady_clock::now() < end);
    }

    void aRevokedAccountIsMisconfigured()
    {
        startFake();
        fake().scriptTokens({{.status = 400, .errorCode = "invalid_grant", .times = FcmAnswer::forever}});
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured oauth_invalid_grant"), text(push("a")));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, tokenRequests());
    }

    void aSlowEndpointDoesNotHoldUpBeyondTheDeadline()
    {
        startFake();
        fake().scriptTokens({{.delay = 10s}});
        const auto started = std::chrono::steady_clock::now();

        const auto result = push(request("a"), 100ms);

        CPPUNIT_ASSERT_EQUAL(std::string("provider_down oauth_timeout"), text(result));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 5s);
        // Nor does the end of the client wait for it.
        dropClient();
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - started < 5s);
    }

    void withoutAServiceAccountOnlyDryRunsWork()
    {
        startFake();
        options().serviceAccountFile.clear();
        CPPUNIT_ASSERT_EQUAL(std::string("misconfigured no_credentials"), text(push("a")));
        auto dry = request("a");
        dry.isDryRun = true;
        CPPUNIT_ASSERT_EQUAL(std::string("accepted checked_locally"), text(push(dry)));
        dry.title = "\xFF";
        CPPUNIT_ASSERT_EQUAL(std::string("payload_refused invalid_utf8"), text(push(dry)));
        CPPUNIT_ASSERT(fake().requests().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AccessTokenTest);

} // namespace carillon::tests
