#include "chain/Chain.h"

#include "carillon/Errors.h"
#include "chain/DeadlineMiddleware.h"
#include "chain/DedupeMiddleware.h"
#include "chain/MetricsMiddleware.h"
#include "chain/RetryMiddleware.h"
#include "chain/TraceContext.h"
#include "chain/TraceMiddleware.h"
#include "chain/TransactionMiddleware.h"
#include "support/ManualClock.h"
#include "support/notification/RecordedLog.h"

#include <Poco/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <functional>
#include <memory>

using namespace carillon;
using namespace carillon::chain;
using carillon::tests::ManualClock;
using carillon::tests::RecordedLog;
using std::chrono::milliseconds;

namespace
{

/// Answers what the test put in; nothing of it writes.
class RowsOnly final : public port::Ledger
{
public:
    std::map<port::MessageKey, port::InboxRow> rows;
    int lookUps = 0;

    std::vector<std::optional<port::InboxRow>> lookUp(std::span<const port::MessageKey> keys) override
    {
        ++lookUps;
        std::vector<std::optional<port::InboxRow>> found;
        for (const auto& key : keys)
        {
            const auto row = rows.find(key);
            found.push_back(row == rows.end() ? std::nullopt : std::optional(row->second));
        }
        return found;
    }
    std::vector<port::DecisionResult> decide(std::span<const port::Decision>, const Within&) override { throw std::logic_error("not in this test"); }
    void commit(const UnitOfWork&, std::span<const port::OutboxMessage>, const std::function<void(StoreSession&)>&) override {}
    std::vector<port::OutboxMessage> claimOutbox(std::size_t, milliseconds) override { return {}; }
    std::vector<port::OutboxMessage> outboxOf(const port::MessageKey&) override { return {}; }
    void markPublished(std::span<const std::int64_t>) override {}
    std::uint64_t outboxSize() override { return 0; }
    port::Tallies tallies() override { return {}; }
    std::size_t sweep(TimePoint, std::size_t) override { return 0; }
};

class Scripted final : public Handler
{
public:
    using Act = std::function<Outcome(const Envelope&, Context&)>;
    Scripted(Act act, int& calls) : _act(std::move(act)), _calls(calls) {}
    Outcome handle(const Envelope& envelope, Context& context) override
    {
        ++_calls;
        return _act(envelope, context);
    }

private:
    Act _act;
    int& _calls;
};

class ThrowingBatch final : public Handler
{
public:
    Outcome handle(const Envelope&, Context&) override { return Outcome::ack(); }
    void handleBatch(Batch batch) override
    {
        batch.front().finish(Outcome::ack());
        throw std::runtime_error("the batch broke");
    }
};

} // namespace

class ChainTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ChainTest);
    CPPUNIT_TEST(anAcknowledgedMessageIsDoneAndKeepsItsStage);
    CPPUNIT_TEST(aFailureBelowTheLimitWaitsByThePolicyAndDropsItsStage);
    CPPUNIT_TEST(aFailureOfTheLastAttemptIsDead);
    CPPUNIT_TEST(exceptionsBecomeOutcomesByTheirKind);
    CPPUNIT_TEST(aStoreThatFailsDefersAndCountsNothing);
    CPPUNIT_TEST(theWaitIsNeverShorterThanRetryAfter);
    CPPUNIT_TEST(eachMessageOfABatchHasItsOwnOutcome);
    CPPUNIT_TEST(aThrowOfTheBatchFormFailsOnlyWhatIsOpen);
    CPPUNIT_TEST(aDecidedMessageIsNotHandledAgain);
    CPPUNIT_TEST(aReopenedMessageIsHandledAgain);
    CPPUNIT_TEST(anIdempotentTypeIsLookedUpOnlyWhenDeliveredAgain);
    CPPUNIT_TEST(anExpiredMessageIsNotHandledAndNotFailed);
    CPPUNIT_TEST(theHandlerSeesItsDeadline);
    CPPUNIT_TEST(manualKeepsTheStageOfEveryOutcomeThatWasReturned);
    CPPUNIT_TEST(theHandlersSpanIsAChildOfThePublishers);
    CPPUNIT_TEST(outcomesAreCountedByTypeAndEveryHundredthLogsASummary);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        _board = metrics::Board::inMemory();
        _registry = std::make_unique<metrics::MetricsRegistry>(*_board);
        _metrics = std::make_unique<JobMetrics>(*_registry, _logger.named("metrics"));
    }

private:
    Chain chainAround(std::unique_ptr<Handler> handler, TransactionKind kind = TransactionKind::Each)
    {
        std::vector<Layer> layers;
        layers.push_back({"trace", std::make_unique<TraceMiddleware>()});
        layers.push_back({"metrics", std::make_unique<MetricsMiddleware>(*_metrics, "test.job", _clock)});
        layers.push_back({"dedupe", std::make_unique<DedupeMiddleware>(kind, _ledger)});
        layers.push_back({"deadline", std::make_unique<DeadlineMiddleware>(milliseconds(5000), _clock, _logger)});
        layers.push_back({"retry", std::make_unique<RetryMiddleware>(RetryPolicy{3, milliseconds(2000), 2.0, milliseconds(0), 0.0}, _clock, _logger)});
        layers.push_back({"transaction", std::make_unique<TransactionMiddleware>(kind)});
        return Chain(std::move(layers), std::move(handler));
    }

    // Overloads, as a class's own default arguments cannot be used within it.
    static Envelope envelopeOf(const std::string& id) { return envelopeOf(id, 1); }
    static Envelope envelopeOf(const std::string& id, int attempt)
    {
        Envelope envelope;
        envelope.id = id;
        envelope.type = "test.job";
        envelope.attempt = attempt;
        envelope.turn = attempt;
        return envelope;
    }

    /// Runs one message through a chain around `act`; the context is kept for looking at.
    Outcome run(Scripted::Act act, Envelope envelope = envelopeOf("a"), TransactionKind kind = TransactionKind::Each, bool redelivered = false)
    {
        const Chain chain = chainAround(std::make_unique<Scripted>(std::move(act), _calls), kind);
        _context = std::make_unique<Context>(_clock, _logger, SteadyPoint{}, redelivered, 4);
        BatchItem item(envelope, *_context);
        chain.run({&item, 1});
        CPPUNIT_ASSERT(item.outcome().has_value());
        return *item.outcome();
    }

    static void stageSomething(Context& context)
    {
        context.unitOfWork().stage([](StoreSession&) {});
        context.publish(envelopeOf("follow-up"));
    }

    void anAcknowledgedMessageIsDoneAndKeepsItsStage()
    {
        const Outcome outcome = run([](const Envelope&, Context& context) {
            stageSomething(context);
            return Outcome::ack();
        });
        CPPUNIT_ASSERT(outcome.isAck());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _context->unitOfWork().writes().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, _context->unitOfWork().followUps().size());
    }

    void aFailureBelowTheLimitWaitsByThePolicyAndDropsItsStage()
    {
        const auto fail = [](const Envelope&, Context& context) {
            stageSomething(context);
            return Outcome::retry("gateway down");
        };
        for (const auto& [attempt, wait] : {std::pair{1, 2000}, {2, 4000}, {3, 8000}})
        {
            const Outcome outcome = run(fail, envelopeOf("a", attempt));
            CPPUNIT_ASSERT(Outcome::Kind::Retry == outcome.kind());
            CPPUNIT_ASSERT(milliseconds(wait) == *outcome.retryAfter());
            CPPUNIT_ASSERT(_context->unitOfWork().isEmpty());
        }
        CPPUNIT_ASSERT(_log.contains("attempt=1/4"));
    }

    void aFailureOfTheLastAttemptIsDead()
    {
        const Outcome outcome = run([](const Envelope&, Context&) { return Outcome::retry("gateway down").withErrorClass("unavailable"); }, envelopeOf("a", 4));
        CPPUNIT_ASSERT(Outcome::Kind::Reject == outcome.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("gateway down"), outcome.reason());
        CPPUNIT_ASSERT_EQUAL(std::string("unavailable"), outcome.errorClass());
    }

    void exceptionsBecomeOutcomesByTheirKind()
    {
        const Outcome permanent = run([](const Envelope&, Context&) -> Outcome { throw PermanentFailure("no such thing"); });
        CPPUNIT_ASSERT(Outcome::Kind::Reject == permanent.kind());
        const Outcome standard = run([](const Envelope&, Context&) -> Outcome { throw std::runtime_error("broken"); });
        CPPUNIT_ASSERT(Outcome::Kind::Retry == standard.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("std::runtime_error"), standard.errorClass());
        const Outcome poco = run([](const Envelope&, Context&) -> Outcome { throw Poco::NotFoundException("the path"); });
        CPPUNIT_ASSERT_EQUAL(std::string("Not found: the path"), poco.reason());
        const Outcome strange = run([](const Envelope&, Context&) -> Outcome { throw 42; });
        CPPUNIT_ASSERT(Outcome::Kind::Retry == strange.kind());
        CPPUNIT_ASSERT_EQUAL(std::string("int"), strange.errorClass());
        const Outcome later = run([](const Envelope&, Context&) -> Outcome { throw RetryableFailure("slow", milliseconds(9000)); });
        CPPUNIT_ASSERT(milliseconds(9000) == *later.retryAfter());
    }

    void aStoreThatFailsDefersAndCountsNothing()
    {
        const Outcome full = run([](const Envelope&, Context&) -> Outcome { throw StorageFull("disk full"); }, envelopeOf("a", 4));
        CPPUNIT_ASSERT(Outcome::Kind::Defer == full.kind());
        CPPUNIT_ASSERT(*full.until() > _clock.now());
        CPPUNIT_ASSERT(Outcome::Kind::Defer == run([](const Envelope&, Context&) -> Outcome { throw VersionConflict("moved on"); }).kind());
        CPPUNIT_ASSERT(Outcome::Kind::Defer == run([](const Envelope&, Context&) -> Outcome { throw TransportError("away"); }).kind());
    }

    void theWaitIsNeverShorterThanRetryAfter()
    {
        const Outcome outcome = run([](const Envelope&, Context&) { return Outcome::retry("busy", milliseconds(30000)); });
        CPPUNIT_ASSERT(milliseconds(30000) == *outcome.retryAfter());
    }

    void eachMessageOfABatchHasItsOwnOutcome()
    {
        const Chain chain = chainAround(std::make_unique<Scripted>(
            [](const Envelope& envelope, Context& context) -> Outcome {
                stageSomething(context);
                if (envelope.id == "b") throw std::runtime_error("only this one");
                return Outcome::ack();
            },
            _calls));
        const std::vector<Envelope> envelopes{envelopeOf("a"), envelopeOf("b"), envelopeOf("c")};
        std::vector<Context> contexts(3, Context(_clock, _logger, SteadyPoint{}, false, 4));
        std::vector<BatchItem> items;
        for (std::size_t i = 0; i < 3; ++i)
            items.emplace_back(envelopes[i], contexts[i]);
        chain.run(items);
        CPPUNIT_ASSERT(items[0].outcome()->isAck() && items[2].outcome()->isAck());
        CPPUNIT_ASSERT(Outcome::Kind::Retry == items[1].outcome()->kind());
        CPPUNIT_ASSERT(!contexts[0].unitOfWork().isEmpty() && contexts[1].unitOfWork().isEmpty() && !contexts[2].unitOfWork().isEmpty());
    }

    void aThrowOfTheBatchFormFailsOnlyWhatIsOpen()
    {
        const Chain chain = chainAround(std::make_unique<ThrowingBatch>());
        const std::vector<Envelope> envelopes{envelopeOf("a"), envelopeOf("b")};
        std::vector<Context> contexts(2, Context(_clock, _logger, SteadyPoint{}, false, 4));
        std::vector<BatchItem> items{{envelopes[0], contexts[0]}, {envelopes[1], contexts[1]}};
        chain.run(items);
        CPPUNIT_ASSERT(items[0].outcome()->isAck());
        CPPUNIT_ASSERT_EQUAL(std::string("the batch broke"), items[1].outcome()->reason());
    }

    void aDecidedMessageIsNotHandledAgain()
    {
        port::InboxRow row;
        row.decided = port::Decided::Done;
        _ledger.rows[{"test.job", "a"}] = row;
        const auto act = [](const Envelope&, Context&) { return Outcome::ack(); };
        CPPUNIT_ASSERT(Outcome::Kind::Decided == run(act).kind());
        _ledger.rows[{"test.job", "a"}].decided = port::Decided::Retry;
        CPPUNIT_ASSERT(Outcome::Kind::Decided == run(act).kind());
        CPPUNIT_ASSERT_EQUAL(0, _calls);
        CPPUNIT_ASSERT(run(act, envelopeOf("a", 2)).isAck());
        CPPUNIT_ASSERT_EQUAL(1, _calls);
    }

    void aReopenedMessageIsHandledAgain()
    {
        port::InboxRow row;
        row.decided = port::Decided::Dead;
        row.turn = 4;
        row.isReopened = true;
        _ledger.rows[{"test.job", "a"}] = row;
        Envelope again = envelopeOf("a");
        again.turn = 5;
        CPPUNIT_ASSERT(run([](const Envelope&, Context&) { return Outcome::ack(); }, again).isAck());
        CPPUNIT_ASSERT_EQUAL(1, _calls);
    }

    void anIdempotentTypeIsLookedUpOnlyWhenDeliveredAgain()
    {
        const auto act = [](const Envelope&, Context&) { return Outcome::ack(); };
        run(act, envelopeOf("a"), TransactionKind::None, false);
        CPPUNIT_ASSERT_EQUAL(0, _ledger.lookUps);
        run(act, envelopeOf("a"), TransactionKind::None, true);
        CPPUNIT_ASSERT_EQUAL(1, _ledger.lookUps);
    }

    void anExpiredMessageIsNotHandledAndNotFailed()
    {
        Envelope old = envelopeOf("a", 4);
        old.expiresAt = _clock.now();
        CPPUNIT_ASSERT(Outcome::Kind::Expired == run([](const Envelope&, Context&) { return Outcome::ack(); }, old).kind());
        CPPUNIT_ASSERT_EQUAL(0, _calls);
    }

    void theHandlerSeesItsDeadline()
    {
        SteadyPoint seen{};
        run([&seen](const Envelope&, Context& context) {
            seen = context.deadline();
            return Outcome::ack();
        });
        CPPUNIT_ASSERT(_clock.steady() + milliseconds(5000) == seen);
    }

    void manualKeepsTheStageOfEveryOutcomeThatWasReturned()
    {
        run(
            [](const Envelope&, Context& context) {
                stageSomething(context);
                return Outcome::retry("one of two addresses");
            },
            envelopeOf("a"), TransactionKind::Manual);
        CPPUNIT_ASSERT(!_context->unitOfWork().isEmpty());
        run(
            [](const Envelope&, Context& context) -> Outcome {
                stageSomething(context);
                throw std::runtime_error("lost the thread");
            },
            envelopeOf("a"), TransactionKind::Manual);
        CPPUNIT_ASSERT(_context->unitOfWork().isEmpty());
    }

    void theHandlersSpanIsAChildOfThePublishers()
    {
        Envelope envelope = envelopeOf("a");
        envelope.traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        std::string seen;
        run(
            [&seen](const Envelope&, Context& context) {
                seen = context.traceParent();
                return Outcome::ack();
            },
            envelope);
        CPPUNIT_ASSERT_EQUAL(std::string("4bf92f3577b34da6a3ce929d0e0e4736"), std::string(traceIdOf(seen)));
        CPPUNIT_ASSERT(seen != envelope.traceParent);
    }

    void outcomesAreCountedByTypeAndEveryHundredthLogsASummary()
    {
        for (int i = 0; i < 98; ++i)
            run([](const Envelope&, Context&) { return Outcome::ack(); });
        run([](const Envelope&, Context&) { return Outcome::retry("no"); });
        CPPUNIT_ASSERT(!_log.contains("handled so far"));
        run([this](const Envelope&, Context&) { return Outcome::defer(_clock.now(), "later"); });
        CPPUNIT_ASSERT(_log.contains("handled so far messages=100 processed=98 failed=1"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{98}, _metrics->byType().at("test.job").processed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, _metrics->total().failed);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{98}, _metrics->of("test.job").outcomes[0].value());
    }

    ManualClock _clock;
    RecordedLog _log;
    Logger _logger{_log, "test"};
    std::unique_ptr<metrics::Board> _board;
    std::unique_ptr<metrics::MetricsRegistry> _registry;
    std::unique_ptr<JobMetrics> _metrics;
    RowsOnly _ledger;
    std::unique_ptr<Context> _context;
    int _calls = 0;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ChainTest);
