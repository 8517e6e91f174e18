#include "contract/store/ConcurrencyContract.h"

#include "carillon/notification/NotificationRepository.h"
#include "port/DeadLetters.h"
#include "port/Delays.h"
#include "port/Lease.h"
#include "port/RateLimiter.h"

#include <latch>
#include <mutex>
#include <set>
#include <thread>

namespace carillon::tests::store
{

using port::Decided;
using port::DecisionResult;

void ConcurrencyContract::onThreads(const std::function<void(port::Store&, int)>& work)
{
    const auto again = underTest().openAgain();
    std::latch start(threadCount);
    std::mutex mutex;
    std::exception_ptr failure;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < threadCount; ++thread)
            threads.emplace_back(
                [&, thread]
                {
                    start.arrive_and_wait();
                    try
                    {
                        work(thread % 2 == 0 ? store() : *again, thread);
                    }
                    catch (...)
                    {
                        const std::lock_guard lock(mutex);
                        failure = std::current_exception();
                    }
                });
    }
    if (failure) std::rethrow_exception(failure);
}

void ConcurrencyContract::oneOfManyDecidersWins()
{
    std::atomic<int> applied = 0;
    std::atomic<int> writes = 0;

    onThreads(
        [&](port::Store& mine, int)
        {
            for (int i = 0; i < 50; ++i)
            {
                const Envelope envelope = envelopeOf("m" + std::to_string(i));
                UnitOfWork work;
                work.stage([&](StoreSession&) { ++writes; });
                port::Decision decision = decisionOf(envelope, Decided::Done);
                decision.work = &work;
                if (mine.ledger().decide({&decision, 1}, {}).at(0) == DecisionResult::Applied) ++applied;
            }
        });

    CPPUNIT_ASSERT_EQUAL(50, applied.load());
    CPPUNIT_ASSERT_EQUAL(50, writes.load());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{50}, ledger().tallies()["notification.send"][Decided::Done]);
}

void ConcurrencyContract::talliesMissNoDecision()
{
    onThreads(
        [](port::Store& mine, int thread)
        {
            for (int i = 0; i < 25; ++i)
            {
                const std::vector envelopes{envelopeOf("a" + std::to_string(thread * 100 + i)),
                                            envelopeOf("b" + std::to_string(thread * 100 + i))};
                const std::vector decisions{decisionOf(envelopes[0], Decided::Done), decisionOf(envelopes[1], Decided::Cancelled)};
                mine.ledger().decide(decisions, {});
            }
        });

    CPPUNIT_ASSERT_EQUAL(std::uint64_t{25 * threadCount}, ledger().tallies()["notification.send"][Decided::Done]);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{25 * threadCount}, ledger().tallies()["notification.send"][Decided::Cancelled]);
}

void ConcurrencyContract::outboxRowsAreClaimedOnce()
{
    std::vector<port::OutboxMessage> rows;
    for (int i = 0; i < 200; ++i) rows.push_back(outboxOf("services", envelopeOf("m" + std::to_string(i))));
    ledger().commit({}, rows, {});
    std::mutex mutex;
    std::multiset<std::string> claimed;

    onThreads(
        [&](port::Store& mine, int)
        {
            for (;;)
            {
                const auto mineNow = mine.ledger().claimOutbox(7, 30s);
                if (mineNow.empty()) return;
                std::vector<std::int64_t> sequences;
                const std::lock_guard lock(mutex);
                for (const auto& row : mineNow)
                {
                    claimed.insert(row.envelope.id);
                    sequences.push_back(row.sequence);
                }
                mine.ledger().markPublished(sequences);
            }
        });

    CPPUNIT_ASSERT_EQUAL(std::size_t{200}, claimed.size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{200}, std::set<std::string>(claimed.begin(), claimed.end()).size());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, ledger().outboxSize());
}

void ConcurrencyContract::delayedMessagesAreClaimedOnce()
{
    std::vector<port::OutboxMessage> delayed;
    for (int i = 0; i < 200; ++i)
    {
        delayed.push_back(outboxOf("notifications", envelopeOf("m" + std::to_string(i))));
        delayed.back().envelope.dueAt = now();
    }
    store().delays().put(delayed);
    std::atomic<std::size_t> claimed = 0;

    onThreads(
        [&](port::Store& mine, int)
        {
            for (;;)
            {
                const auto mineNow = mine.delays().claimDue(now(), 7, 30s);
                if (mineNow.empty()) return;
                claimed += mineNow.size();
            }
        });

    CPPUNIT_ASSERT_EQUAL(std::size_t{200}, claimed.load());
}

void ConcurrencyContract::neverMorePermitsThanTheLimit()
{
    const port::RateLimit limit;
    std::atomic<int> granted = 0;

    onThreads(
        [&](port::Store& mine, int thread)
        {
            for (int i = 0; i < 10; ++i)
            {
                const port::RateRequest request{"user-7", std::to_string(thread) + "-" + std::to_string(i)};
                if (mine.rateLimiter().reserve({&request, 1}, limit, now()).at(0) <= now()) ++granted;
            }
        });

    CPPUNIT_ASSERT_EQUAL(10, granted.load());
}

void ConcurrencyContract::oneHolderHasTheLease()
{
    std::atomic<int> held = 0;

    onThreads(
        [&](port::Store& mine, int thread)
        {
            if (mine.lease().acquire("clerk", "holder-" + std::to_string(thread), 10s)) ++held;
        });

    CPPUNIT_ASSERT_EQUAL(1, held.load());
}

void ConcurrencyContract::aLetterIsReleasedOnce()
{
    decide(failedOf(envelopeOf("m1"), Decided::Dead, "gave up", now()));
    std::atomic<int> published = 0;

    onThreads(
        [&](port::Store& mine, int)
        {
            mine.deadLetters().release("m1",
                                       [&](StoreSession&, const Envelope&)
                                       {
                                           ++published;
                                           return std::optional<port::OutboxMessage>{};
                                       });
        });

    CPPUNIT_ASSERT_EQUAL(1, published.load());
}

void ConcurrencyContract::theStatusNeverGoesBack()
{
    using notification::NotificationStatus;
    notification::Notification notification;
    notification.id = notification::notificationIdFor("m1");
    notification.messageId = "m1";
    store().notifications().insertMissing({&notification, 1});

    onThreads(
        [&](port::Store& mine, int thread)
        {
            UnitOfWork work;
            mine.notifications().stageStatus(work, "m1", thread == 3 ? NotificationStatus::Sent : NotificationStatus::Failed, now());
            mine.ledger().commit(work, {}, {});
        });

    const auto stored = store().notifications().findByMessageId("m1");
    CPPUNIT_ASSERT(stored->status == NotificationStatus::Sent);
    CPPUNIT_ASSERT(stored->version == 2 || stored->version == 3);
}

void ConcurrencyContract::settingUpAtOnceIsHarmless()
{
    onThreads([](port::Store& mine, int) { mine.setUp(); });

    store().check();
}

} // namespace carillon::tests::store
