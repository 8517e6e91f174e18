#include "carillon/Errors.h"
#include "sqlite/Database.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using carillon::tests::TemporaryDirectory;

namespace CppUnit
{
template <typename Item>
struct assertion_traits<std::vector<Item>>
{
    static bool equal(const std::vector<Item>& left, const std::vector<Item>& right) { return left == right; }
    static std::string toString(const std::vector<Item>& items)
    {
        std::ostringstream text;
        for (const auto& item : items) text << item << ' ';
        return text.str();
    }
};
} // namespace CppUnit

namespace carillon::sqlite
{

class WritingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WritingTest);
    CPPUNIT_TEST(aThrowUndoesItsOwnWritesOnly);
    CPPUNIT_TEST(manyThreadsShareCommitsAndNoneIsLost);
    CPPUNIT_TEST(writersThatCameDuringACommitAreOneTransaction);
    CPPUNIT_TEST(aSavepointUndoesItsPartOnly);
    CPPUNIT_TEST(actionsRunAfterTheCommitAndNeverAfterARollback);
    CPPUNIT_TEST(aWriteWithinAWriteIsRefused);
    CPPUNIT_TEST(anAnnouncedCommitWakesTheWaiting);
    CPPUNIT_TEST(aCommitWithoutAnnouncementWakesNobody);
    CPPUNIT_TEST_SUITE_END();

public:
    void aThrowUndoesItsOwnWritesOnly()
    {
        const auto database = openWithTable();
        insert(*database, 1);

        CPPUNIT_ASSERT_THROW(database->write(
                                 [](Session& session)
                                 {
                                     session.prepare("INSERT INTO t VALUES(2)").run();
                                     throw std::runtime_error("no");
                                 }),
                             std::runtime_error);

        CPPUNIT_ASSERT_EQUAL(std::vector<std::int64_t>{1}, values(*database));
    }

    /// Every other write fails: its neighbours in the group must not notice.
    void manyThreadsShareCommitsAndNoneIsLost()
    {
        const auto database = openWithTable();
        constexpr int threads = 8;
        constexpr int each = 50;
        std::vector<std::thread> writers;
        for (int thread = 0; thread < threads; ++thread)
            writers.emplace_back(
                [&, thread]
                {
                    for (int i = 0; i < each; ++i)
                    {
                        const int value = thread * each + i;
                        try
                        {
                            database->write(
                                [&](Session& session)
                                {
                                    session.prepare("INSERT INTO t VALUES(?1)").bind(value).run();
                                    if (value % 2 == 1) throw std::out_of_range(std::to_string(value));
                                });
                        }
                        catch (const std::out_of_range& failure)
                        {
                            if (failure.what() != std::to_string(value)) std::terminate();
                        }
                    }
                });
        for (auto& writer : writers) writer.join();

        std::vector<std::int64_t> expected;
        for (int value = 0; value < threads * each; value += 2) expected.push_back(value);
        CPPUNIT_ASSERT_EQUAL(expected, values(*database));
    }

    void writersThatCameDuringACommitAreOneTransaction()
    {
        const auto database = openWithTable();
        std::promise<void> isInside;
        std::promise<void> mayEnd;
        auto first = std::async(std::launch::async,
                                [&]
                                {
                                    database->write(
                                        [&](Session&)
                                        {
                                            isInside.set_value();
                                            mayEnd.get_future().wait();
                                        });
                                });
        isInside.get_future().wait();

        // Both queue behind the first; a group runs one after the other on one thread, so the same thread id shows that it was one.
        std::vector<std::thread::id> ranOn;
        std::vector<std::future<void>> followers;
        for (int i = 0; i < 2; ++i)
            followers.push_back(
                std::async(std::launch::async, [&] { database->write([&](Session&) { ranOn.push_back(std::this_thread::get_id()); }); }));
        while (database->waitingWriters() < 2) std::this_thread::yield();
        mayEnd.set_value();
        first.get();
        for (auto& follower : followers) follower.get();

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, ranOn.size());
        CPPUNIT_ASSERT(ranOn[0] == ranOn[1]);
    }

    void aSavepointUndoesItsPartOnly()
    {
        const auto database = openWithTable();

        database->write(
            [&](Session& session)
            {
                session.prepare("INSERT INTO t VALUES(1)").run();
                try
                {
                    session.savepoint(
                        [&]
                        {
                            session.prepare("INSERT INTO t VALUES(2)").run();
                            session.savepoint([&] { session.prepare("INSERT INTO t VALUES(3)").run(); });
                            throw std::runtime_error("no");
                        });
                }
                catch (const std::runtime_error&)
                {
                }
                session.savepoint([&] { session.prepare("INSERT INTO t VALUES(4)").run(); });
            });

        CPPUNIT_ASSERT_EQUAL((std::vector<std::int64_t>{1, 4}), values(*database));
    }

    void actionsRunAfterTheCommitAndNeverAfterARollback()
    {
        const auto database = openWithTable();
        std::vector<std::string> ran;

        database->write(
            [&](Session& session)
            {
                session.afterCommit([&] { ran.push_back("kept"); });
                try
                {
                    session.savepoint(
                        [&]
                        {
                            session.afterCommit([&] { ran.push_back("undone"); });
                            throw std::runtime_error("no");
                        });
                }
                catch (const std::runtime_error&)
                {
                }
                ran.push_back("inside");
            });
        CPPUNIT_ASSERT_THROW(database->write(
                                 [&](Session& session)
                                 {
                                     session.afterCommit([&] { ran.push_back("rolled back"); });
                                     throw std::runtime_error("no");
                                 }),
                             std::runtime_error);

        CPPUNIT_ASSERT_EQUAL((std::vector<std::string>{"inside", "kept"}), ran);
    }

    void aWriteWithinAWriteIsRefused()
    {
        const auto database = openWithTable();
        CPPUNIT_ASSERT_THROW(database->write([&](Session&) { insert(*database, 1); }), std::logic_error);
        insert(*database, 2);
        CPPUNIT_ASSERT_EQUAL(std::vector<std::int64_t>{2}, values(*database));
    }

    void anAnnouncedCommitWakesTheWaiting()
    {
        const auto database = openWithTable();
        const ChangeSignal signal = database->changes(Topic::Messages);
        const std::uint32_t seen = signal.seen();
        auto waiting = std::async(std::launch::async, [&] { return signal.wait(seen, std::chrono::steady_clock::now() + 30s); });

        database->write([](Session& session) { session.announce(Topic::Messages); });

        CPPUNIT_ASSERT(waiting.get());
        CPPUNIT_ASSERT(signal.seen() != seen);
    }

    void aCommitWithoutAnnouncementWakesNobody()
    {
        const auto database = openWithTable();
        const ChangeSignal signal = database->changes(Topic::Messages);
        const std::uint32_t seen = signal.seen();

        insert(*database, 1);
        database->write([](Session& session) { session.announce(Topic::Outbox); });

        CPPUNIT_ASSERT(!signal.wait(seen, std::chrono::steady_clock::now()));
    }

private:
    std::shared_ptr<Database> openWithTable()
    {
        auto database = Database::open(_folder / "test.db");
        database->write([](Session& session) { session.execute("CREATE TABLE IF NOT EXISTS t(v INTEGER)"); });
        return database;
    }

    static void insert(Database& database, int value)
    {
        database.write([&](Session& session) { session.prepare("INSERT INTO t VALUES(?1)").bind(value).run(); });
    }

    static std::vector<std::int64_t> values(Database& database)
    {
        return database.read(
            [](Session& session)
            {
                std::vector<std::int64_t> result;
                auto rows = session.prepare("SELECT v FROM t ORDER BY v");
                while (rows.step()) result.push_back(rows.integer(0));
                return result;
            });
    }

    TemporaryDirectory _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(WritingTest);

} // namespace carillon::sqlite
