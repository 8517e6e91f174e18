// Promise 1 and 2 of docs/ARCHITECTURE.md's invariants: the same engine on a transport that joins the store's transactions and on one that does not.
#include "EngineUnderTest.h"

#include "carillon/Errors.h"
#include "clerk/Clerk.h"
#include "port/DeadLetters.h"

using namespace carillon;
using namespace carillon::tests;

template <bool Joined>
class WorkerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WorkerTest);
    CPPUNIT_TEST(everyMessageIsDoneOnceAndItsFollowUpIsPublishedOnce);
    CPPUNIT_TEST(aFailingMessageHasItsAttemptsAndIsDeadWithItsHistory);
    CPPUNIT_TEST(givingUpIsToldToTheHandlerAndItsFollowUpIsPublished);
    CPPUNIT_TEST(aReleasedDeadLetterIsHandledAgainFromAttemptOne);
    CPPUNIT_TEST(aHundredPublishesOfOneIdHaveOneEffect);
    CPPUNIT_TEST(anUnhandledTypeIsDeferredAndNotDead);
    CPPUNIT_TEST(aBodyThatBreaksItsSchemaIsDeadWithItsPlace);
    CPPUNIT_TEST(aConflictIsTriedAgainAndNotCounted);
    CPPUNIT_TEST(whatWasDecidedBeforeIsOnlyFinished);
    CPPUNIT_TEST(aRefusedFollowUpMakesTheMessageDead);
    CPPUNIT_TEST(drainingFinishesWhatRunsAndGivesTheRestBack);
    CPPUNIT_TEST(aQuietWorkerTakesNothing);
    CPPUNIT_TEST(aLimitedWorkerHandlesExactlySoMany);
    CPPUNIT_TEST(anIdempotentTypeLeavesNoRowOnTheGoodPath);
    CPPUNIT_TEST_SUITE_END();

    using Engine = EngineUnderTest;

    static std::uint64_t waiting(port::Transport& transport)
    {
        const auto stats = transport.stats().front();
        return *stats.ready + *stats.scheduled + *stats.taken;
    }

    static std::vector<Envelope> jobs(int count)
    {
        std::vector<Envelope> all;
        for (int i = 0; i < count; ++i)
            all.push_back(Engine::job("job-" + std::to_string(i)));
        return all;
    }

    static Envelope followUp(const Envelope& of)
    {
        Envelope envelope;
        envelope.id = of.id + "-follow";
        envelope.type = "test.follow";
        envelope.body = "{}";
        return envelope;
    }

    void everyMessageIsDoneOnceAndItsFollowUpIsPublishedOnce()
    {
        Engine engine(Joined);
        std::atomic<int> calls{0};
        engine.handle(std::make_unique<TestHandler>([&](const Envelope& envelope, Context& context) {
            ++calls;
            context.publish(followUp(envelope));
            return Outcome::ack();
        }));
        engine.start();
        engine.publisher().publish(jobs(500));
        Engine::await("500 done", [&] { return engine.tally(port::Decided::Done) == 500; });
        Engine::await("queue empty", [&] { return waiting(engine.jobs()) == 0; });
        Engine::await("500 follow-ups", [&] { return waiting(engine.follow()) == 500; });
        CPPUNIT_ASSERT_EQUAL(500, calls.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, engine.store().ledger().outboxSize());
    }

    void aFailingMessageHasItsAttemptsAndIsDeadWithItsHistory()
    {
        Engine engine(Joined);
        std::vector<int> attempts;
        std::mutex mutex;
        engine.handle(std::make_unique<TestHandler>([&](const Envelope& envelope, Context& context) -> Outcome {
            const std::lock_guard lock(mutex);
            attempts.push_back(envelope.attempt);
            context.publish(followUp(envelope));
            throw std::runtime_error("try " + std::to_string(envelope.attempt));
        }));
        engine.start();
        engine.publisher().publish({Engine::job("a")});
        Engine::await("dead", [&] { return engine.tally(port::Decided::Dead) == 1; });
        Engine::await("queue empty", [&] { return waiting(engine.jobs()) == 0; });
        CPPUNIT_ASSERT((std::vector<int>{1, 2, 3, 4}) == attempts);
        const auto letter = engine.store().deadLetters().find("a");
        CPPUNIT_ASSERT(letter.has_value());
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, letter->history.failures.size());
        CPPUNIT_ASSERT_EQUAL(std::string("try 4"), letter->lastFailure.reason);
        CPPUNIT_ASSERT_EQUAL(std::string("jobs"), letter->transport);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the stage of failed attempts was dropped", std::uint64_t{0}, waiting(engine.follow()));
    }

    void givingUpIsToldToTheHandlerAndItsFollowUpIsPublished()
    {
        Engine engine(Joined);
        engine.handle(std::make_unique<TestHandler>([](const Envelope&, Context&) { return Outcome::reject("never"); },
                                                    [](const Envelope& envelope, Context& context) { context.publish(followUp(envelope)); }));
        engine.start();
        engine.publisher().publish({Engine::job("a")});
        Engine::await("the follow-up", [&] { return waiting(engine.follow()) == 1; });
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, engine.tally(port::Decided::Dead));
    }

    void aReleasedDeadLetterIsHandledAgainFromAttemptOne()
    {
        Engine engine(Joined);
        std::atomic<bool> isHealed{false};
        std::atomic<int> lastAttempt{0};
        engine.handle(std::make_unique<TestHandler>([&](const Envelope& envelope, Context&) {
            lastAttempt = envelope.attempt;
            return isHealed ? Outcome::ack() : Outcome::reject("not yet");
        }));
        engine.start();
        engine.publisher().publish({Engine::job("a")});
        Engine::await("dead", [&] { return engine.tally(port::Decided::Dead) == 1 && waiting(engine.jobs()) == 0; });
        isHealed = true;
        engine.store().deadLetters().release("a", [&](StoreSession& session, const Envelope& envelope) -> std::optional<port::OutboxMessage> {
            if (!Joined) return port::OutboxMessage{0, "jobs", envelope};
            engine.jobs().publishWithin(session, {&envelope, 1});
            return {};
        });
        runClerk(engine);
        Engine::await("done", [&] { return engine.tally(port::Decided::Done) == 1; });
        CPPUNIT_ASSERT_EQUAL(1, lastAttempt.load());
        CPPUNIT_ASSERT(!engine.store().deadLetters().find("a").has_value());
    }

    static void runClerk(Engine& engine)
    {
        clerk::Clerk clerk(engine.store(), engine.router(), engine.registry(), {}, "test", systemClock(), Logger{});
        clerk.tick();
    }

    void aHundredPublishesOfOneIdHaveOneEffect()
    {
        Engine engine(Joined);
        std::atomic<int> effects{0};
        engine.handle(std::make_unique<TestHandler>([&](const Envelope& envelope, Context& context) {
            context.unitOfWork().stage([&effects](StoreSession&) { ++effects; });
            context.publish(followUp(envelope));
            return Outcome::ack();
        }));
        engine.start();
        for (int i = 0; i < 100; ++i)
            engine.publisher().publish({Engine::job("same")});
        Engine::await("queue empty", [&] { return waiting(engine.jobs()) == 0; });
        CPPUNIT_ASSERT_EQUAL(1, effects.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, engine.tally(port::Decided::Done));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, waiting(engine.follow()));
    }

    void anUnhandledTypeIsDeferredAndNotDead()
    {
        Engine engine(Joined);
        engine.start();
        Envelope unknown = Engine::job("a");
        unknown.type = "test.unknown";
        engine.publisher().publish({unknown});
        Engine::await("deferred", [&] { return *engine.jobs().stats().front().scheduled == 1; });
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, engine.store().deadLetters().count({}));
        CPPUNIT_ASSERT_EQUAL(1, engine.jobs().find("a")->envelope.attempt);
    }

    void aBodyThatBreaksItsSchemaIsDeadWithItsPlace()
    {
        Engine engine(Joined);
        engine.handle(std::make_unique<TestHandler>([](const Envelope&, Context&) { return Outcome::ack(); }), TransactionKind::Each,
                      R"({"type": "object", "properties": {"count": {"type": "integer"}}})");
        // Past the door, as another program's publisher would.
        const Envelope wrong = Engine::job("a", R"({"count": "many"})");
        engine.jobs().publish({&wrong, 1});
        engine.start();
        Engine::await("dead", [&] { return engine.tally(port::Decided::Dead) == 1; });
        const auto letter = engine.store().deadLetters().find("a");
        CPPUNIT_ASSERT(letter->lastFailure.reason.find("/count") != std::string::npos);
        CPPUNIT_ASSERT(letter->lastFailure.reason.find("many") == std::string::npos);
    }

    void aConflictIsTriedAgainAndNotCounted()
    {
        Engine engine(Joined);
        std::atomic<int> conflicts{3};
        std::atomic<int> lastAttempt{0};
        engine.handle(std::make_unique<TestHandler>([&](const Envelope& envelope, Context& context) {
            lastAttempt = envelope.attempt;
            context.unitOfWork().stage([&conflicts](StoreSession&) {
                if (conflicts-- > 0) throw VersionConflict("moved on");
            });
            return Outcome::ack();
        }));
        engine.start();
        engine.publisher().publish({Engine::job("a")});
        Engine::await("done", [&] { return engine.tally(port::Decided::Done) == 1; });
        CPPUNIT_ASSERT_EQUAL(1, lastAttempt.load());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, engine.tally(port::Decided::Defer));
    }

    void whatWasDecidedBeforeIsOnlyFinished()
    {
        Engine engine(Joined);
        std::atomic<int> calls{0};
        engine.handle(std::make_unique<TestHandler>([&](const Envelope&, Context&) {
            ++calls;
            return Outcome::ack();
        }));
        // As a worker leaves it that was killed between the decision and the settling.
        const Envelope done = Engine::job("done");
        const Envelope retried = Engine::job("retried");
        port::Decision first;
        first.envelope = &done;
        port::Decision second;
        second.envelope = &retried;
        second.decided = port::Decided::Retry;
        second.failure = port::Failure{systemClock().now(), 1, "test", "once"};
        second.dueAt = systemClock().now() + std::chrono::hours(1);
        engine.store().ledger().decide(std::vector<port::Decision>{first, second}, {});
        engine.publisher().publish({done, retried});
        engine.start();
        Engine::await("both are finished", [&] { return !engine.jobs().find("done") && *engine.jobs().stats().front().scheduled == 1; });
        CPPUNIT_ASSERT_EQUAL(0, calls.load());
        const auto kept = engine.jobs().find("retried");
        CPPUNIT_ASSERT_EQUAL(2, kept->envelope.attempt);
        CPPUNIT_ASSERT_EQUAL(2, kept->envelope.turn);
        CPPUNIT_ASSERT(second.dueAt == *kept->envelope.dueAt);
    }

    void aRefusedFollowUpMakesTheMessageDead()
    {
        Engine engine(Joined);
        engine.handle(std::make_unique<TestHandler>([](const Envelope& envelope, Context& context) {
            Envelope unroutable = followUp(envelope);
            unroutable.type = "test.nowhere";
            context.publish(unroutable);
            return Outcome::ack();
        }));
        engine.start();
        engine.publisher().publish({Engine::job("a")});
        Engine::await("dead", [&] { return engine.tally(port::Decided::Dead) == 1; });
        CPPUNIT_ASSERT(engine.store().deadLetters().find("a")->lastFailure.reason.find("test.nowhere") != std::string::npos);
    }

    void drainingFinishesWhatRunsAndGivesTheRestBack()
    {
        Engine engine(Joined);
        std::mutex mutex;
        std::condition_variable changed;
        bool isOpen = false;
        int running = 0;
        engine.handle(std::make_unique<TestHandler>([&](const Envelope&, Context&) {
            std::unique_lock lock(mutex);
            ++running;
            changed.notify_all();
            changed.wait(lock, [&] { return isOpen; });
            return Outcome::ack();
        }));
        engine.publisher().publish(jobs(2));
        engine.start(2);
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return running == 2; });
        }
        engine.publisher().publish({Engine::job("late")});
        engine.pool().beginDrain();
        CPPUNIT_ASSERT(!engine.pool().waitDrained(std::chrono::milliseconds(0)));
        {
            const std::lock_guard lock(mutex);
            isOpen = true;
        }
        changed.notify_all();
        CPPUNIT_ASSERT(engine.pool().waitDrained(std::chrono::seconds(20)));
        engine.stop();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{2}, engine.tally(port::Decided::Done));
        const auto late = engine.jobs().find("late");
        CPPUNIT_ASSERT(late.has_value() && late->state == port::QueuedMessage::State::Ready);
    }

    void aQuietWorkerTakesNothing()
    {
        Engine engine(Joined);
        engine.handle(std::make_unique<TestHandler>([](const Envelope&, Context&) { return Outcome::ack(); }));
        engine.start();
        engine.publisher().publish({Engine::job("first")});
        Engine::await("consuming", [&] { return engine.tally(port::Decided::Done) == 1; });
        engine.pool().setQuiet(true);
        Engine::await("resting", [&] { return engine.pool().isResting(); });
        engine.publisher().publish(jobs(4));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{4}, *engine.jobs().stats().front().ready);
        engine.pool().setQuiet(false);
        Engine::await("resumed", [&] { return engine.tally(port::Decided::Done) == 5; });
    }

    void aLimitedWorkerHandlesExactlySoMany()
    {
        Engine engine(Joined);
        engine.handle(std::make_unique<TestHandler>([](const Envelope&, Context&) { return Outcome::ack(); }));
        engine.publisher().publish(jobs(100));
        engine.start(4, {37, 0});
        Engine::await("the limit", [&] { return engine.pool().reachedLimit() == "37 messages"; });
        engine.stop();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{37}, engine.tally(port::Decided::Done));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{63}, waiting(engine.jobs()));
    }

    void anIdempotentTypeLeavesNoRowOnTheGoodPath()
    {
        Engine engine(Joined);
        engine.handle(std::make_unique<TestHandler>([](const Envelope& envelope, Context&) {
                          return envelope.id == "bad" && envelope.attempt == 1 ? Outcome::retry("once") : Outcome::ack();
                      }),
                      TransactionKind::None);
        engine.start();
        engine.publisher().publish({Engine::job("good"), Engine::job("bad")});
        Engine::await("both done", [&] { return engine.tally(port::Decided::Done) == 2; });
        CPPUNIT_ASSERT(!engine.row("good").has_value());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, engine.tally(port::Decided::Retry));
    }
};

using JoinedWorkerTest = WorkerTest<true>;
using OutboxWorkerTest = WorkerTest<false>;
CPPUNIT_TEST_SUITE_REGISTRATION(JoinedWorkerTest);
CPPUNIT_TEST_SUITE_REGISTRATION(OutboxWorkerTest);
