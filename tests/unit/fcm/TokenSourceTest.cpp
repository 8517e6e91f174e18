#include "push/fcm/TokenSource.h"

#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <deque>
#include <future>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

namespace
{

/// A token endpoint that answers when the test says so.
class ScriptedEndpoint
{
public:
    TokenAnswer fetch()
    {
        std::unique_lock lock(_mutex);
        ++_asked;
        _changed.notify_all();
        _changed.wait(lock, [&] { return !_answers.empty() || _isClosed; });
        if (_answers.empty()) return failure("oauth_connect_failed", true);
        TokenAnswer answer = std::move(_answers.front());
        _answers.pop_front();
        return answer;
    }

    void grant(const std::string& token, std::chrono::seconds life = 3600s)
    {
        TokenAnswer answer;
        answer.token = token;
        answer.life = life;
        add(std::move(answer));
    }

    void refuse(const std::string& code, bool isRetryable) { add(failure(code, isRetryable)); }

    void waitUntilAsked(int times)
    {
        std::unique_lock lock(_mutex);
        CPPUNIT_ASSERT(_changed.wait_for(lock, 10s, [&] { return _asked >= times; }));
    }

    /// Nobody is left waiting when a test fails.
    void close()
    {
        const std::lock_guard lock(_mutex);
        _isClosed = true;
        _changed.notify_all();
    }

    int asked()
    {
        const std::lock_guard lock(_mutex);
        return _asked;
    }

private:
    static TokenAnswer failure(const std::string& code, bool isRetryable)
    {
        TokenAnswer answer;
        answer.code = code;
        answer.isRetryable = isRetryable;
        return answer;
    }

    void add(TokenAnswer answer)
    {
        const std::lock_guard lock(_mutex);
        _answers.push_back(std::move(answer));
        _changed.notify_all();
    }

    std::mutex _mutex;
    std::condition_variable _changed;
    std::deque<TokenAnswer> _answers;
    int _asked = 0;
    bool _isClosed = false;
};

} // namespace

class TokenSourceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TokenSourceTest);
    CPPUNIT_TEST(aFreshTokenIsGivenOutWithoutAsking);
    CPPUNIT_TEST(aStaleTokenIsGivenOutWhileItIsRefreshed);
    CPPUNIT_TEST(aStaleTokenServesOnWhenItsRefreshFails);
    CPPUNIT_TEST(anExpiredTokenIsWaitedFor);
    CPPUNIT_TEST(aShortLivedTokenIsStaleAfterHalfItsLife);
    CPPUNIT_TEST(manyCallersShareOneRequest);
    CPPUNIT_TEST(onlyTheRefusedTokenIsInvalidated);
    CPPUNIT_TEST(anOutageIsTriedThreeTimesAndIsTheProvidersFault);
    CPPUNIT_TEST(aRefusalIsNotTriedAgainAndIsOurs);
    CPPUNIT_TEST(afterAFailureNobodyAsksForAWhile);
    CPPUNIT_TEST(aRefusedTokenIsReplacedEvenAfterAFailedRefresh);
    CPPUNIT_TEST(nobodyWaitsBeyondTheDeadline);
    CPPUNIT_TEST(stoppingWakesThoseWhoWait);
    CPPUNIT_TEST_SUITE_END();

    tests::ManualClock _clock;
    ScriptedEndpoint _endpoint;
    std::unique_ptr<TokenSource> _source;

    TokenGrant get(std::chrono::milliseconds within = 10s) { return _source->get(_clock.steady() + within); }

    std::string token()
    {
        const auto grant = get();
        return grant.token ? *grant.token : "none: " + grant.failure.code;
    }

    /// Waits for what the refresher's thread does in the background.
    void awaitToken(const std::string& wanted)
    {
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (token() != wanted)
        {
            CPPUNIT_ASSERT_MESSAGE("still " + token(), std::chrono::steady_clock::now() < end);
            std::this_thread::yield();
        }
    }

public:
    void setUp() override
    {
        const TokenSourceOptions options{.attempts = 3, .retryDelay = 1ms, .holdOff = 5s, .staleBefore = 225s};
        _source = std::make_unique<TokenSource>([this] { return _endpoint.fetch(); }, options, _clock, Logger(), nullptr);
    }

    void tearDown() override
    {
        _endpoint.close();
        _source.reset();
    }

    void aFreshTokenIsGivenOutWithoutAsking()
    {
        _endpoint.grant("a");
        CPPUNIT_ASSERT_EQUAL(std::string("a"), token());
        _clock.advance(3374s);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), token());
        CPPUNIT_ASSERT_EQUAL(1, _endpoint.asked());
    }

    void aStaleTokenIsGivenOutWhileItIsRefreshed()
    {
        _endpoint.grant("a");
        token();
        _clock.advance(3375s);

        CPPUNIT_ASSERT_EQUAL(std::string("a"), token());
        _endpoint.waitUntilAsked(2);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), token());
        _endpoint.grant("b");

        awaitToken("b");
        CPPUNIT_ASSERT_EQUAL(2, _endpoint.asked());
    }

    void aStaleTokenServesOnWhenItsRefreshFails()
    {
        _endpoint.grant("a");
        token();
        _clock.advance(3400s);
        _endpoint.refuse("oauth_invalid_grant", false);
        token();
        _endpoint.waitUntilAsked(2);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), token());
    }

    void anExpiredTokenIsWaitedFor()
    {
        _endpoint.grant("a");
        token();
        _clock.advance(3600s);
        auto waiting = std::async(std::launch::async, [&] { return token(); });
        _endpoint.waitUntilAsked(2);
        _endpoint.grant("b");
        CPPUNIT_ASSERT_EQUAL(std::string("b"), waiting.get());
    }

    void aShortLivedTokenIsStaleAfterHalfItsLife()
    {
        _endpoint.grant("a", 10s);
        token();
        _clock.advance(4999ms);
        token();
        CPPUNIT_ASSERT_EQUAL(1, _endpoint.asked());
        _clock.advance(1ms);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), token());
        _endpoint.waitUntilAsked(2);
    }

    void manyCallersShareOneRequest()
    {
        std::vector<std::future<std::string>> callers;
        for (int i = 0; i < 8; ++i) callers.push_back(std::async(std::launch::async, [&] { return token(); }));
        _endpoint.waitUntilAsked(1);
        _endpoint.grant("a");
        for (auto& caller : callers) CPPUNIT_ASSERT_EQUAL(std::string("a"), caller.get());
        CPPUNIT_ASSERT_EQUAL(1, _endpoint.asked());
    }

    void onlyTheRefusedTokenIsInvalidated()
    {
        _endpoint.grant("a");
        token();
        _source->invalidate("a");
        _endpoint.grant("b");
        CPPUNIT_ASSERT_EQUAL(std::string("b"), token());
        // The late answers of those that were sent with the old one.
        _source->invalidate("a");
        CPPUNIT_ASSERT_EQUAL(std::string("b"), token());
        CPPUNIT_ASSERT_EQUAL(2, _endpoint.asked());
    }

    void anOutageIsTriedThreeTimesAndIsTheProvidersFault()
    {
        for (int i = 0; i < 3; ++i) _endpoint.refuse("oauth_connect_failed", true);
        const auto grant = get();
        CPPUNIT_ASSERT(!grant.token);
        CPPUNIT_ASSERT(grant.failure.outcome == PushOutcome::ProviderDown);
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_connect_failed"), grant.failure.code);
        CPPUNIT_ASSERT(grant.failure.retryAfter == 5s);
        CPPUNIT_ASSERT_EQUAL(3, _endpoint.asked());
    }

    void aRefusalIsNotTriedAgainAndIsOurs()
    {
        _endpoint.refuse("oauth_invalid_grant", false);
        CPPUNIT_ASSERT(get().failure.outcome == PushOutcome::Misconfigured);
        CPPUNIT_ASSERT_EQUAL(1, _endpoint.asked());
    }

    void afterAFailureNobodyAsksForAWhile()
    {
        _endpoint.refuse("oauth_invalid_grant", false);
        get();
        _clock.advance(4s);
        CPPUNIT_ASSERT(get().failure.retryAfter == 1s);
        CPPUNIT_ASSERT_EQUAL(1, _endpoint.asked());
        _clock.advance(1s);
        _endpoint.grant("a");
        CPPUNIT_ASSERT_EQUAL(std::string("a"), token());
    }

    void aRefusedTokenIsReplacedEvenAfterAFailedRefresh()
    {
        _endpoint.grant("a");
        token();
        _clock.advance(3400s);
        _endpoint.refuse("oauth_invalid_grant", false);
        token();
        _endpoint.waitUntilAsked(2);
        _endpoint.grant("b");
        _source->invalidate("a");
        // The failed refresh may still be on its way to be learnt; the next one brings b.
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (token() != "b")
        {
            CPPUNIT_ASSERT(std::chrono::steady_clock::now() < end);
            _clock.advance(1s);
        }
    }

    void nobodyWaitsBeyondTheDeadline()
    {
        const auto grant = _source->get(_clock.steady());
        CPPUNIT_ASSERT(!grant.token);
        CPPUNIT_ASSERT_EQUAL(std::string("oauth_timeout"), grant.failure.code);
        CPPUNIT_ASSERT(grant.failure.outcome == PushOutcome::ProviderDown);
    }

    void stoppingWakesThoseWhoWait()
    {
        auto waiting = std::async(std::launch::async, [&] { return token(); });
        _endpoint.waitUntilAsked(1);
        _endpoint.close();
        _source->stop();
        const auto result = waiting.get();
        CPPUNIT_ASSERT_MESSAGE(result, result.starts_with("none: "));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TokenSourceTest);

} // namespace carillon::push::fcm
