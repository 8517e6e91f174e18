#include "carillon/Errors.h"
#include "sqlite/Database.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>

#include <fstream>
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
        for (const auto& item : items)
            text << item << ' ';
        return text.str();
    }
};
} // namespace CppUnit

namespace carillon::sqlite
{

class DatabaseTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DatabaseTest);
    CPPUNIT_TEST(whatIsWrittenIsReadAgainByAnotherOpening);
    CPPUNIT_TEST(allKindsOfValuesComeBackAsTheyWere);
    CPPUNIT_TEST(aThrowUndoesItsOwnWritesOnly);
    CPPUNIT_TEST(manyThreadsShareCommitsAndNoneIsLost);
    CPPUNIT_TEST(writersThatCameDuringACommitAreOneTransaction);
    CPPUNIT_TEST(aSavepointUndoesItsPartOnly);
    CPPUNIT_TEST(actionsRunAfterTheCommitAndNeverAfterARollback);
    CPPUNIT_TEST(aWriteWithinAWriteIsRefused);
    CPPUNIT_TEST(aReaderSeesOneStateAndCannotWrite);
    CPPUNIT_TEST(theSameSqlMayBeInUseTwice);
    CPPUNIT_TEST(anAnnouncedCommitWakesTheWaiting);
    CPPUNIT_TEST(aCommitWithoutAnnouncementWakesNobody);
    CPPUNIT_TEST(oneProcessHasOneObjectForAFile);
    CPPUNIT_TEST(otherOptionsForTheSameFileAreRefused);
    CPPUNIT_TEST(theFileIsReadableByItsOwnerOnly);
    CPPUNIT_TEST(aMissingFolderIsNamedWithItsRemedy);
    CPPUNIT_TEST(aFileThatIsNoDatabaseIsNamedAndLeftAlone);
    CPPUNIT_TEST(lessThanTheFloorIsStorageFull);
    CPPUNIT_TEST(aSessionOfAnotherDatabaseIsRefused);
    CPPUNIT_TEST(aCheckpointEmptiesTheLog);
    CPPUNIT_TEST(aReaderInTheWayOfACheckpointIsTold);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatIsWrittenIsReadAgainByAnotherOpening()
    {
        {
            const auto database = openWithTable();
            insert(*database, 7);
        }
        const auto again = Database::open(_folder / "test.db");
        CPPUNIT_ASSERT_EQUAL(std::vector<std::int64_t>{7}, values(*again));
    }

    void allKindsOfValuesComeBackAsTheyWere()
    {
        const auto database = Database::open(_folder / "test.db");
        const std::string bytes("a\0b\xff", 4);
        const TimePoint time(1234567890123ms);

        database->write(
            [&](Session& session)
            {
                session.execute("CREATE TABLE kinds(a, b, c, d, e, f, g)");
                session.prepare("INSERT INTO kinds VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
                    .bind(std::int64_t{1} << 62, 0.5, "äöü", std::string(), nullptr, time, std::optional<int>())
                    .run();
                auto blob = session.prepare("UPDATE kinds SET e = ?1");
                blob.bindBlobAt(1, bytes);
                blob.run();
            });

        database->read(
            [&](Session& session)
            {
                auto row = session.prepare("SELECT a, b, c, d, e, f, g FROM kinds");
                CPPUNIT_ASSERT(row.step());
                CPPUNIT_ASSERT_EQUAL(std::int64_t{1} << 62, row.integer(0));
                CPPUNIT_ASSERT_EQUAL(0.5, row.number(1));
                CPPUNIT_ASSERT_EQUAL(std::string("äöü"), row.text(2));
                CPPUNIT_ASSERT(!row.isNull(3) && row.view(3).empty());
                CPPUNIT_ASSERT_EQUAL(bytes, row.text(4));
                CPPUNIT_ASSERT(time == row.time(5));
                CPPUNIT_ASSERT(row.isNull(6) && !row.optionalInteger(6) && !row.optionalText(6) && !row.optionalTime(6));
                CPPUNIT_ASSERT(!row.step());
            });
    }

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
        for (auto& writer : writers)
            writer.join();

        std::vector<std::int64_t> expected;
        for (int value = 0; value < threads * each; value += 2)
            expected.push_back(value);
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
            followers.push_back(std::async(std::launch::async,
                                           [&]
{ database->write([&](Session&) { ranOn.push_back(std::this_thread::get_id()); }); }));
        while (database->waitingWriters() < 2)
            std::this_thread::yield();
        mayEnd.set_value();
        first.get();
        for (auto& follower : followers)
            follower.get();

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

    void aReaderSeesOneStateAndCannotWrite()
    {
        const auto database = openWithTable();
        insert(*database, 1);

        database->read(
            [&](Session& session)
            {
                const auto count = [&]
                {
                    auto row = session.prepare("SELECT count(*) FROM t");
                    row.step();
                    return row.integer(0);
                };
                CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count());
                insert(*database, 2);
                CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, count());
            });

        CPPUNIT_ASSERT_THROW(database->read([](Session& session) { session.prepare("INSERT INTO t VALUES(3)").run(); }), StoreError);
        CPPUNIT_ASSERT_EQUAL((std::vector<std::int64_t>{1, 2}), values(*database));
    }

    void theSameSqlMayBeInUseTwice()
    {
        const auto database = openWithTable();
        insert(*database, 1);
        insert(*database, 2);

        const int pairs = database->read(
            [](Session& session)
            {
                int count = 0;
                auto outer = session.prepare("SELECT v FROM t");
                while (outer.step())
                {
                    auto inner = session.prepare("SELECT v FROM t");
                    while (inner.step())
                        ++count;
                }
                return count;
            });

        CPPUNIT_ASSERT_EQUAL(4, pairs);
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

    void oneProcessHasOneObjectForAFile()
    {
        const auto database = openWithTable();
        CPPUNIT_ASSERT(database == Database::open(_folder.path() / "." / "test.db"));
    }

    void otherOptionsForTheSameFileAreRefused()
    {
        const auto database = openWithTable();
        CPPUNIT_ASSERT_THROW(Database::open(_folder / "test.db", {.durability = Durability::Normal}), ConfigurationError);
    }

    void theFileIsReadableByItsOwnerOnly()
    {
        const auto database = openWithTable();
        for (const char* name : {"test.db", "test.db-wal", "test.db-shm", "test.db-turnstile"})
        {
            struct stat status{};
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 0, stat((_folder / name).c_str(), &status));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name, 0600U, status.st_mode & 0777);
        }
    }

    void aMissingFolderIsNamedWithItsRemedy()
    {
        const std::string text = messageOf([&] { Database::open(_folder / "nowhere" / "test.db"); });
        CPPUNIT_ASSERT(text.find("nowhere") != std::string::npos);
        CPPUNIT_ASSERT(text.find("mkdir -p") != std::string::npos);
    }

    void aFileThatIsNoDatabaseIsNamedAndLeftAlone()
    {
        const std::string content(5000, 'x');
        std::ofstream(_folder / "test.db") << content;

        const std::string text = messageOf([&] { Database::open(_folder / "test.db"); });

        CPPUNIT_ASSERT(text.find("test.db is damaged or no SQLite database") != std::string::npos);
        std::ifstream file(_folder / "test.db");
        CPPUNIT_ASSERT_EQUAL(content, std::string(std::istreambuf_iterator<char>(file), {}));
    }

    void lessThanTheFloorIsStorageFull()
    {
        const auto roomy = Database::open(_folder / "roomy.db", {.freeDiskFloor = 1});
        CPPUNIT_ASSERT_NO_THROW(roomy->requireSpace());
        CPPUNIT_ASSERT_NO_THROW(roomy->check());

        const auto tight = Database::open(_folder / "tight.db", {.freeDiskFloor = std::uint64_t{1} << 60});
        CPPUNIT_ASSERT_THROW(tight->requireSpace(), StorageFull);
        CPPUNIT_ASSERT_THROW(tight->check(), StorageFull);
    }

    void aSessionOfAnotherDatabaseIsRefused()
    {
        const auto one = Database::open(_folder / "one.db");
        const auto two = Database::open(_folder / "two.db");
        one->write(
            [&](Session& session)
            {
                StoreSession& opaque = session;
                CPPUNIT_ASSERT(&session == &Session::of(opaque, *one));
                CPPUNIT_ASSERT_THROW(Session::of(opaque, *two), std::logic_error);
            });
    }

    void aCheckpointEmptiesTheLog()
    {
        const auto database = openWithTable();
        insert(*database, 1);
        CPPUNIT_ASSERT(std::filesystem::file_size(_folder / "test.db-wal") > 0);

        CPPUNIT_ASSERT(database->checkpoint());

        CPPUNIT_ASSERT_EQUAL(std::uintmax_t{0}, std::filesystem::file_size(_folder / "test.db-wal"));
        CPPUNIT_ASSERT_EQUAL(std::vector<std::int64_t>{1}, values(*database));
    }

    void aReaderInTheWayOfACheckpointIsTold()
    {
        const auto database = openWithTable();
        database->read(
            [&](Session& session)
            {
                static_cast<void>(session.prepare("SELECT v FROM t").step());
                insert(*database, 1);
                CPPUNIT_ASSERT(!database->checkpoint());
            });
        CPPUNIT_ASSERT(database->checkpoint());
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
                while (rows.step())
                    result.push_back(rows.integer(0));
                return result;
            });
    }

    template <typename Act>
    static std::string messageOf(Act&& act)
    {
        try
        {
            act();
        }
        catch (const Error& error)
        {
            return error.what();
        }
        return "(nothing was thrown)";
    }

    TemporaryDirectory _folder;
};

CPPUNIT_TEST_SUITE_REGISTRATION(DatabaseTest);

} // namespace carillon::sqlite
