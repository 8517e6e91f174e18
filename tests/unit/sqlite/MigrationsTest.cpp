#include "carillon/Errors.h"
#include "sqlite/Database.h"
#include "support/TemporaryDirectory.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>
#include <vector>

namespace carillon::sqlite
{

class MigrationsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MigrationsTest);
    CPPUNIT_TEST(stepsAreAppliedOnceAndInOrder);
    CPPUNIT_TEST(componentsDoNotKnowEachOther);
    CPPUNIT_TEST(aStepThatFailsLeavesNothingBehind);
    CPPUNIT_TEST(aNewerFileThatStillAdmitsUsIsLeftAsItIs);
    CPPUNIT_TEST(aNewerFileThatShutsUsOutIsRefusedByName);
    CPPUNIT_TEST(manyMayMigrateAtOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void stepsAreAppliedOnceAndInOrder()
    {
        const std::vector<Migration> first{{1, 1, "CREATE TABLE t(v)"}};
        const std::vector<Migration> second{first[0], {2, 1, "ALTER TABLE t ADD COLUMN w; INSERT INTO t VALUES(1, 2)"}};

        _database->migrate("a", first);
        _database->migrate("a", second);
        _database->migrate("a", second);

        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number("SELECT count(w) FROM t"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, number("SELECT version FROM carillon_schema WHERE component = 'a'"));
    }

    void componentsDoNotKnowEachOther()
    {
        _database->migrate("a", std::vector<Migration>{{1, 1, "CREATE TABLE a(v)"}});
        _database->migrate("b", std::vector<Migration>{{1, 1, "CREATE TABLE b(v)"}, {2, 2, "ALTER TABLE b ADD COLUMN w"}});

        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number("SELECT version FROM carillon_schema WHERE component = 'a'"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, number("SELECT min_reader_version FROM carillon_schema WHERE component = 'b'"));
    }

    void aStepThatFailsLeavesNothingBehind()
    {
        CPPUNIT_ASSERT_THROW(_database->migrate("a", std::vector<Migration>{{1, 1, "CREATE TABLE t(v); CREATE TABL u(v)"}}), StoreError);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, number("SELECT count(*) FROM sqlite_schema"));
    }

    void aNewerFileThatStillAdmitsUsIsLeftAsItIs()
    {
        const std::vector<Migration> ours{{1, 1, "CREATE TABLE t(v)"}};
        _database->migrate("a", std::vector<Migration>{ours[0], {2, 1, "ALTER TABLE t ADD COLUMN w"}});

        _database->migrate("a", ours);

        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, number("SELECT version FROM carillon_schema WHERE component = 'a'"));
    }

    void aNewerFileThatShutsUsOutIsRefusedByName()
    {
        const std::vector<Migration> ours{{1, 1, "CREATE TABLE t(v)"}};
        _database->migrate("a", std::vector<Migration>{ours[0], {2, 2, "ALTER TABLE t RENAME COLUMN v TO w"}});

        try
        {
            _database->migrate("a", ours);
            CPPUNIT_FAIL("an older program took a file that it cannot read");
        }
        catch (const ConfigurationError& error)
        {
            const std::string text = error.what();
            CPPUNIT_ASSERT(text.find("newer version") != std::string::npos);
            CPPUNIT_ASSERT(text.find("needs a program that knows 2 at least, this one knows 1") != std::string::npos);
            CPPUNIT_ASSERT(text.find("install the newer carillon") != std::string::npos);
        }
    }

    void manyMayMigrateAtOnce()
    {
        const std::vector<Migration> steps{{1, 1, "CREATE TABLE t(v)"}, {2, 1, "INSERT INTO t VALUES(1)"}};
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i) threads.emplace_back([&] { _database->migrate("a", steps); });
        for (auto& thread : threads) thread.join();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, number("SELECT count(*) FROM t"));
    }

private:
    std::int64_t number(const char* sql)
    {
        return _database->read(
            [&](Session& session)
            {
                auto row = session.prepare(sql);
                CPPUNIT_ASSERT(row.step());
                return row.integer(0);
            });
    }

    tests::TemporaryDirectory _folder;
    std::shared_ptr<Database> _database = Database::open(_folder / "test.db");
};

CPPUNIT_TEST_SUITE_REGISTRATION(MigrationsTest);

} // namespace carillon::sqlite
