#include "sqlite/Database.h"
#include "carillon/Errors.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string>
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

class DatabaseTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DatabaseTest);
    CPPUNIT_TEST(whatIsWrittenIsReadAgainByAnotherOpening);
    CPPUNIT_TEST(allKindsOfValuesComeBackAsTheyWere);
    CPPUNIT_TEST(aReaderSeesOneStateAndCannotWrite);
    CPPUNIT_TEST(theSameSqlMayBeInUseTwice);
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
                    while (inner.step()) ++count;
                }
                return count;
            });

        CPPUNIT_ASSERT_EQUAL(4, pairs);
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
            struct stat status
            {
            };
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
                while (rows.step()) result.push_back(rows.integer(0));
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
