// Several processes on one file, and one that dies in the middle of a transaction.
#include "contract/store/SqliteUnderTest.h"
#include "port/DeadLetters.h"
#include "port/RateLimiter.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <vector>

namespace carillon::tests::store
{

using port::Decided;
using port::DecisionResult;

class SqliteProcessesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteProcessesTest);
    CPPUNIT_TEST(oneOfManyProcessesDecidesEachMessage);
    CPPUNIT_TEST(processesShareTheRateLimit);
    CPPUNIT_TEST(aProcessKilledWhileDecidingLeavesNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void oneOfManyProcessesDecidesEachMessage();
    void processesShareTheRateLimit();
    void aProcessKilledWhileDecidingLeavesNothing();

private:
    /// Runs `work` in a child with a store of its own, and gives the child's pid. Its result, at most 100, is the exit status. The parent
    /// has nothing open at that time, and no other thread, so the child is as good as a new program.
    pid_t inChild(const std::function<int(port::Store&)>& work);
    /// The sum of the results of `count` children.
    int total(int count, const std::function<int(port::Store&)>& work);
    std::shared_ptr<sqlite::Database> open() { return sqlite::Database::open(_directory / "carillon.db", SqliteUnderTest::quickOptions()); }

    TemporaryDirectory _directory;
};
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteProcessesTest);

pid_t SqliteProcessesTest::inChild(const std::function<int(port::Store&)>& work)
{
    const pid_t child = fork();
    if (child != 0) return child;
    int status = 255;
    try
    {
        stores::sqlite::SqliteStore store(open());
        store.setUp();
        status = work(store);
    }
    catch (const std::exception& error)
    {
        std::fprintf(stderr, "child: %s\n", error.what());
    }
    _exit(status);
}

int SqliteProcessesTest::total(int count, const std::function<int(port::Store&)>& work)
{
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) children.push_back(inChild(work));
    int sum = 0;
    for (const pid_t child : children)
    {
        int status = 0;
        CPPUNIT_ASSERT_EQUAL(child, waitpid(child, &status, 0));
        CPPUNIT_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) <= 100);
        sum += WEXITSTATUS(status);
    }
    return sum;
}

void SqliteProcessesTest::oneOfManyProcessesDecidesEachMessage()
{
    const int applied = total(4,
                              [](port::Store& store)
                              {
                                  int mine = 0;
                                  for (int i = 0; i < 90; ++i)
                                  {
                                      const Envelope envelope = envelopeOf("m" + std::to_string(i));
                                      const auto decision = decisionOf(envelope, Decided::Done);
                                      if (store.ledger().decide({&decision, 1}, {}).at(0) == DecisionResult::Applied) ++mine;
                                  }
                                  return mine;
                              });

    CPPUNIT_ASSERT_EQUAL(90, applied);
    stores::sqlite::SqliteStore store(open());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{90}, store.ledger().tallies()["notification.send"][Decided::Done]);
}

void SqliteProcessesTest::processesShareTheRateLimit()
{
    const TimePoint now{1'790'000'000'000ms};

    const int granted = total(4,
                              [&](port::Store& store)
                              {
                                  int mine = 0;
                                  for (int i = 0; i < 10; ++i)
                                  {
                                      const port::RateRequest request{"user-7", std::to_string(getpid()) + "-" + std::to_string(i)};
                                      if (store.rateLimiter().reserve({&request, 1}, {}, now).at(0) <= now) ++mine;
                                  }
                                  return mine;
                              });

    CPPUNIT_ASSERT_EQUAL(10, granted);
}

void SqliteProcessesTest::aProcessKilledWhileDecidingLeavesNothing()
{
    const Envelope envelope = envelopeOf("m1");
    const pid_t child = inChild(
        [&](port::Store& store)
        {
            port::Decision decision = failedOf(envelope, Decided::Dead, "gave up", envelope.publishedAt);
            decision.outbox = {outboxOf("services", envelopeOf("follow"))};
            store.ledger().decide({&decision, 1},
                                  [](StoreSession&, std::size_t)
                                  {
                                      std::raise(SIGKILL);
                                      return true;
                                  });
            return 1;
        });
    int status = 0;
    CPPUNIT_ASSERT_EQUAL(child, waitpid(child, &status, 0));
    CPPUNIT_ASSERT(WIFSIGNALED(status));

    stores::sqlite::SqliteStore store(open());
    const port::MessageKey key{envelope.type, envelope.id};
    CPPUNIT_ASSERT(!store.ledger().lookUp({&key, 1}).at(0).has_value());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store.ledger().outboxSize());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store.deadLetters().count({}));

    // The next worker decides it: the dead one holds neither lock nor turnstile.
    const auto decision = decisionOf(envelope, Decided::Done);
    CPPUNIT_ASSERT(store.ledger().decide({&decision, 1}, {}).at(0) == DecisionResult::Applied);
}

} // namespace carillon::tests::store
