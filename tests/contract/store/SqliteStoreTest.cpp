// What is the SQLite store's own: its file, its schema, its plans, its boot clock.
#include "carillon/Errors.h"
#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/NotificationRepository.h"
#include "contract/store/SqliteUnderTest.h"
#include "port/DeadLetters.h"
#include "port/Delays.h"
#include "port/Lease.h"
#include "port/RateLimiter.h"
#include "stores/sqlite/Schema.h"

#include <stdexcept>

namespace carillon::tests::store
{

using port::Decided;
using port::DecisionResult;
using sqlite::Session;

class SqliteStoreTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteStoreTest);
    CPPUNIT_TEST(theFileOutlivesTheStore);
    CPPUNIT_TEST(aStoreThatIsNotSetUpNamesTheRemedy);
    CPPUNIT_TEST(aNewerDatabaseIsRefused);
    CPPUNIT_TEST(aRebootEndsLeasesAndClaims);
    CPPUNIT_TEST(aTombstoneHoldsNoAddress);
    CPPUNIT_TEST(theServiceIsAColumn);
    CPPUNIT_TEST(belowTheFloorNewWorkIsRefusedAndDecisionsGoOn);
    CPPUNIT_TEST(aFullFileLeavesNothingOfTheCall);
    CPPUNIT_TEST(aSessionOfAnotherDatabaseIsRefused);
    CPPUNIT_TEST(aDamagedHistoryIsAnErrorWithoutItsContent);
    CPPUNIT_TEST(writersWakeThoseWhoWait);
    CPPUNIT_TEST_SUITE_END();

public:
    void theFileOutlivesTheStore();
    void aStoreThatIsNotSetUpNamesTheRemedy();
    void aNewerDatabaseIsRefused();
    void aRebootEndsLeasesAndClaims();
    void aTombstoneHoldsNoAddress();
    void theServiceIsAColumn();
    void belowTheFloorNewWorkIsRefusedAndDecisionsGoOn();
    void aFullFileLeavesNothingOfTheCall();
    void aSessionOfAnotherDatabaseIsRefused();
    void aDamagedHistoryIsAnErrorWithoutItsContent();
    void writersWakeThoseWhoWait();

private:
    static std::string textOf(sqlite::Database& database, const std::string& sql)
    {
        return database.read(
            [&](Session& session)
            {
                auto row = session.prepare(sql);
                return row.step() ? row.text(0) : std::string("none");
            });
    }

    static DecisionResult decide(port::Store& store, const port::Decision& decision)
    {
        return store.ledger().decide({&decision, 1}, {}).at(0);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SqliteStoreTest);

void SqliteStoreTest::theFileOutlivesTheStore()
{
    TemporaryDirectory directory;
    const Envelope envelope = envelopeOf("m1");
    {
        stores::sqlite::SqliteStore store(sqlite::Database::open(directory / "carillon.db"));
        store.setUp();
        decide(store, failedOf(envelope, Decided::Dead, "gave up", envelope.publishedAt));
    }

    stores::sqlite::SqliteStore store(sqlite::Database::open(directory / "carillon.db"));
    store.setUp();

    CPPUNIT_ASSERT(store.deadLetters().find("m1")->envelope == envelope);
    CPPUNIT_ASSERT_EQUAL("sqlite " + (directory / "carillon.db").string(), store.description());
}

void SqliteStoreTest::aStoreThatIsNotSetUpNamesTheRemedy()
{
    TemporaryDirectory directory;
    stores::sqlite::SqliteStore store(sqlite::Database::open(directory / "carillon.db"));
    try
    {
        store.check();
        CPPUNIT_FAIL("an empty database was taken for a store");
    }
    catch (const StoreError& error)
    {
        CPPUNIT_ASSERT(std::string(error.what()).find("carillon store:setup") != std::string::npos);
    }
    store.setUp();
    store.check();
}

void SqliteStoreTest::aNewerDatabaseIsRefused()
{
    SqliteUnderTest underTest;
    underTest.database().write(
        [](Session& session)
        {
            session.prepare("UPDATE carillon_schema SET version = 99, min_reader_version = 98 WHERE component = ?1")
                .bind(stores::sqlite::schemaComponent)
                .run();
        });

    CPPUNIT_ASSERT_THROW(underTest.store().setUp(), ConfigurationError);
}

void SqliteStoreTest::aRebootEndsLeasesAndClaims()
{
    SqliteUnderTest underTest;
    auto& store = underTest.store();
    const auto token = store.lease().acquire("clerk", "a", 1h);
    const std::vector rows{outboxOf("services", envelopeOf("o"))};
    store.ledger().commit({}, rows, {});
    const std::vector delayed{outboxOf("notifications", envelopeOf("d"))};
    store.delays().put(delayed);
    const TimePoint later = underTest.clock().now() + 1h;
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, store.ledger().claimOutbox(1, 1h).size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, store.delays().claimDue(later, 1, 1h).size());

    // The boot clock begins at zero again: by the time alone the lease would last for another hour.
    underTest.bootClock().reboot();

    CPPUNIT_ASSERT_EQUAL(std::string(), store.lease().holder("clerk"));
    CPPUNIT_ASSERT(*store.lease().acquire("clerk", "a", 1h) > *token);
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, store.ledger().claimOutbox(1, 1h).size());
    CPPUNIT_ASSERT_EQUAL(std::size_t{1}, store.delays().claimDue(later, 1, 1h).size());
}

void SqliteStoreTest::aTombstoneHoldsNoAddress()
{
    SqliteUnderTest underTest;
    const notification::Address address{"token", "secret-token", "ios", "wellness", underTest.clock().now()};
    underTest.store().devices().put("user-7", address);
    UnitOfWork work;
    underTest.store().devices().stageRemoval(work, "user-7", address, "UNREGISTERED", underTest.clock().now());
    underTest.store().ledger().commit(work, {}, {});

    // echo -n secret-token | sha256sum
    CPPUNIT_ASSERT_EQUAL(std::string("930bbdc51b6aed5c2a5678fd6e28dee7a05e8a4b643cfc0b4427c3efb86c0d94 UNREGISTERED"),
                         textOf(underTest.database(), "SELECT address_hash || ' ' || reason FROM device_tombstones"));
    CPPUNIT_ASSERT_EQUAL(std::string("0"), textOf(underTest.database(), "SELECT count(*) FROM devices"));
}

void SqliteStoreTest::theServiceIsAColumn()
{
    SqliteUnderTest underTest;
    notification::Notification notification;
    notification.id = "1";
    notification.messageId = "m1";
    notification.serviceName = "maternity";
    underTest.store().notifications().insertMissing({&notification, 1});

    CPPUNIT_ASSERT_EQUAL(std::string("maternity"), textOf(underTest.database(), "SELECT service FROM notifications"));
}

void SqliteStoreTest::belowTheFloorNewWorkIsRefusedAndDecisionsGoOn()
{
    sqlite::Options options = SqliteUnderTest::quickOptions();
    options.freeDiskFloor = std::uint64_t{1} << 62;
    SqliteUnderTest underTest(options);
    auto& store = underTest.store();
    const std::vector rows{outboxOf("services", envelopeOf("follow"))};

    CPPUNIT_ASSERT_THROW(store.ledger().commit({}, rows, {}), StorageFull);
    CPPUNIT_ASSERT_THROW(store.devices().addUser("user-7"), StorageFull);
    CPPUNIT_ASSERT_THROW(store.check(), StorageFull);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store.ledger().outboxSize());

    // What runs must be settled: there is still room for that below the floor.
    const Envelope envelope = envelopeOf("m1");
    port::Decision decision = failedOf(envelope, Decided::Dead, "gave up", underTest.clock().now());
    decision.outbox = rows;
    CPPUNIT_ASSERT(decide(store, decision) == DecisionResult::Applied);
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, store.ledger().outboxSize());
}

void SqliteStoreTest::aFullFileLeavesNothingOfTheCall()
{
    SqliteUnderTest underTest;
    auto& store = underTest.store();
    const auto limitPages = [&](const std::string& pages)
    { underTest.database().write([&](Session& session) { session.execute("PRAGMA max_page_count = " + pages); }); };
    limitPages("1");
    Envelope small = envelopeOf("small");
    Envelope large = envelopeOf("large");
    large.body.assign(1 << 20, 'x');
    const std::vector decisions{decisionOf(small, Decided::Done), failedOf(large, Decided::Dead, "gave up", underTest.clock().now())};

    CPPUNIT_ASSERT_THROW(store.ledger().decide(decisions, {}), StorageFull);
    CPPUNIT_ASSERT(store.ledger().tallies().empty());
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, store.deadLetters().count({}));

    limitPages("1073741823");
    CPPUNIT_ASSERT(store.ledger().decide(decisions, {}) == std::vector(2, DecisionResult::Applied));
}

void SqliteStoreTest::aSessionOfAnotherDatabaseIsRefused()
{
    SqliteUnderTest one;
    SqliteUnderTest another;
    UnitOfWork work;
    one.store().pushLedger().stageWrite(work, {{"m1", "aa", port::PushState::Intent, 1, 0, "", "", one.clock().now()}});

    CPPUNIT_ASSERT_THROW(another.store().ledger().commit(work, {}, {}), std::logic_error);
}

void SqliteStoreTest::aDamagedHistoryIsAnErrorWithoutItsContent()
{
    SqliteUnderTest underTest;
    const Envelope envelope = envelopeOf("m1");
    decide(underTest.store(), failedOf(envelope, Decided::Retry, "no", underTest.clock().now()));
    underTest.database().write([](Session& session) { session.execute("UPDATE inbox SET history = '{patient'"); });
    const port::MessageKey key{envelope.type, envelope.id};
    try
    {
        underTest.store().ledger().lookUp({&key, 1});
        CPPUNIT_FAIL("read what is damaged");
    }
    catch (const StoreError& error)
    {
        CPPUNIT_ASSERT(std::string(error.what()).find("patient") == std::string::npos);
        CPPUNIT_ASSERT(std::string(error.what()).find("integrity_check") != std::string::npos);
    }
}

void SqliteStoreTest::writersWakeThoseWhoWait()
{
    SqliteUnderTest underTest;
    const auto outbox = underTest.database().changes(sqlite::Topic::Outbox);
    const auto delays = underTest.database().changes(sqlite::Topic::Delays);
    const auto outboxSeen = outbox.seen();
    const auto delaysSeen = delays.seen();

    const std::vector rows{outboxOf("services", envelopeOf("m1"))};
    underTest.store().ledger().commit({}, rows, {});
    CPPUNIT_ASSERT(outbox.seen() != outboxSeen);
    CPPUNIT_ASSERT_EQUAL(delaysSeen, delays.seen());

    underTest.store().delays().put(rows);
    CPPUNIT_ASSERT(delays.seen() != delaysSeen);
}

} // namespace carillon::tests::store
