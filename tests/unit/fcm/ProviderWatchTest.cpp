#include "push/fcm/ProviderWatch.h"

#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fmt/format.h>

namespace carillon::push::fcm
{

using namespace std::chrono_literals;

namespace
{

/// Counts the lines and keeps what they say.
class RecordingSink final : public LogSink
{
public:
    bool isEnabled(LogLevel, std::string_view) const noexcept override { return true; }
    void write(LogLevel, std::string_view, std::string_view message, std::initializer_list<LogField> fields) noexcept override
    {
        text += message;
        for (const auto& field : fields) text += fmt::format(" {}={}", field.key, field.value);
        text += '\n';
        ++lines;
    }
    std::string text;
    int lines = 0;
};

class RecordingObserver final : public FcmObserver
{
public:
    void pushed(const PushResult&, std::chrono::microseconds) override {}
    void tokenRequested(std::string_view, std::chrono::microseconds) override {}
    void breakerChanged(bool isOpen) override { text += isOpen ? "open " : "closed "; }
    std::string text;
};

Verdict verdictOf(PushOutcome outcome, ProviderHealth health)
{
    Verdict verdict;
    verdict.result.outcome = outcome;
    verdict.health = health;
    verdict.result.code = "C";
    return verdict;
}

} // namespace

class ProviderWatchTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProviderWatchTest);
    CPPUNIT_TEST(anOutageOpensTheBreakerAndAProbeClosesIt);
    CPPUNIT_TEST(aMessageThatAlwaysFailsAmongOthersThatPassOpensNothing);
    CPPUNIT_TEST(theProjectsQuotaClosesTheTapForAllPushes);
    CPPUNIT_TEST(whenMostAddressesAreCalledDeadNoneIs);
    CPPUNIT_TEST(aWrongSetUpIsLoggedOnceAMinute);
    CPPUNIT_TEST(noAddressIsLogged);
    CPPUNIT_TEST_SUITE_END();

    tests::ManualClock _clock;
    RecordingSink _log;
    RecordingObserver _observer;
    FcmOptions _options;
    std::unique_ptr<ProviderWatch> _watch;

    PushResult settle(Verdict verdict, const std::string& address) { return _watch->settle(std::move(verdict), _watch->admit(), address); }
    void fail(const std::string& address) { settle(verdictOf(PushOutcome::Transient, ProviderHealth::Failing), address); }
    void pass(const std::string& address) { settle(verdictOf(PushOutcome::Accepted, ProviderHealth::Alive), address); }

public:
    void setUp() override
    {
        _options.breaker.failures = 5;
        _watch = std::make_unique<ProviderWatch>(_options, _clock, Logger(_log, "fcm"), &_observer);
    }

    void anOutageOpensTheBreakerAndAProbeClosesIt()
    {
        for (int i = 0; i < 5; ++i) fail("address" + std::to_string(i));

        const auto refused = _watch->admit().refusal;
        CPPUNIT_ASSERT(refused && refused->outcome == PushOutcome::ProviderDown);
        CPPUNIT_ASSERT_EQUAL(std::string("breaker_open"), refused->code);
        CPPUNIT_ASSERT(refused->retryAfter == 10s);
        CPPUNIT_ASSERT(_watch->isBreakerOpen());

        _clock.advance(10s);
        pass("probe");
        CPPUNIT_ASSERT(!_watch->admit().refusal);
        CPPUNIT_ASSERT_EQUAL(std::string("open closed "), _observer.text);
    }

    void aMessageThatAlwaysFailsAmongOthersThatPassOpensNothing()
    {
        for (int i = 0; i < 100; ++i)
        {
            fail("bad");
            if (i % 2 == 0) fail("heals" + std::to_string(i));
            pass("good");
        }
        CPPUNIT_ASSERT(!_watch->isBreakerOpen());
    }

    void theProjectsQuotaClosesTheTapForAllPushes()
    {
        Verdict quota = verdictOf(PushOutcome::Throttled, ProviderHealth::Unknown);
        quota.closesTap = true;
        quota.result.retryAfter = 60s;
        settle(quota, "a");

        const auto refused = _watch->admit().refusal;
        CPPUNIT_ASSERT(refused && refused->outcome == PushOutcome::Throttled);
        CPPUNIT_ASSERT_EQUAL(std::string("project_quota"), refused->code);
        CPPUNIT_ASSERT(refused->retryAfter == 60s);
        _clock.advance(60s);
        CPPUNIT_ASSERT(!_watch->admit().refusal);
    }

    void whenMostAddressesAreCalledDeadNoneIs()
    {
        int believed = 0;
        for (int i = 0; i < 100; ++i)
            if (settle(verdictOf(PushOutcome::AddressDead, ProviderHealth::Alive), std::to_string(i)).outcome == PushOutcome::AddressDead)
                ++believed;
        CPPUNIT_ASSERT_EQUAL(49, believed);
        const auto doubted = settle(verdictOf(PushOutcome::AddressDead, ProviderHealth::Alive), "x");
        CPPUNIT_ASSERT(doubted.outcome == PushOutcome::PayloadRefused);
        CPPUNIT_ASSERT_EQUAL(std::string("C"), doubted.code);
        CPPUNIT_ASSERT_EQUAL(1, _log.lines);
    }

    void aWrongSetUpIsLoggedOnceAMinute()
    {
        _options.breaker.failures = 0;
        _watch = std::make_unique<ProviderWatch>(_options, _clock, Logger(_log, "fcm"), &_observer);
        const auto misconfigured = [&] { settle(verdictOf(PushOutcome::Misconfigured, ProviderHealth::Failing), "a"); };
        misconfigured();
        misconfigured();
        CPPUNIT_ASSERT_EQUAL(1, _log.lines);
        _clock.advance(60s);
        misconfigured();
        CPPUNIT_ASSERT_EQUAL(2, _log.lines);
    }

    void noAddressIsLogged()
    {
        for (int i = 0; i < 5; ++i) fail("qa" + std::to_string(i));
        _clock.advance(10s);
        pass("qprobe");
        for (int i = 0; i < 60; ++i) settle(verdictOf(PushOutcome::AddressDead, ProviderHealth::Alive), "qdead" + std::to_string(i));
        settle(verdictOf(PushOutcome::Misconfigured, ProviderHealth::Failing), "qwrong");
        CPPUNIT_ASSERT_EQUAL(4, _log.lines);
        for (const auto* address : {"qa", "qprobe", "qdead", "qwrong"})
            CPPUNIT_ASSERT_MESSAGE(_log.text, _log.text.find(address) == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProviderWatchTest);

} // namespace carillon::push::fcm
