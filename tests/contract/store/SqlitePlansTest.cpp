// No statement of the store may read a whole table where an index should serve: with the first million rows it would be the end of it.
#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/NotificationRepository.h"
#include "contract/store/SqliteUnderTest.h"
#include "port/DeadLetters.h"
#include "port/Delays.h"
#include "port/Lease.h"
#include "port/PushLedger.h"
#include "port/RateLimiter.h"

#include <map>
#include <set>
#include <sstream>

namespace carillon::tests::store
{

using port::Decided;
using sqlite::Session;

class SqlitePlansTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqlitePlansTest);
    CPPUNIT_TEST(noStatementScansATable);
    CPPUNIT_TEST_SUITE_END();

public:
    void noStatementScansATable();

private:
    static sqlite::Options oneReader()
    {
        sqlite::Options options = SqliteUnderTest::quickOptions();
        options.readers = 1;
        return options;
    }

    void useEverything();
    std::map<std::string, std::string> plans(Session& session);
    void requireNoScan(const std::map<std::string, std::string>& plans);

    std::unique_ptr<SqliteUnderTest> _underTest;
};
CPPUNIT_TEST_SUITE_REGISTRATION(SqlitePlansTest);

void SqlitePlansTest::useEverything()
{
    auto& store = _underTest->store();
    const TimePoint now = _underTest->clock().now();
    const Envelope envelope = envelopeOf("m1");
    const Envelope dying = envelopeOf("m2");
    const std::vector rows{outboxOf("services", envelope)};
    const std::vector keys{port::MessageKey{envelope.type, envelope.id}};
    const std::vector<std::string> ids{"m1"};
    const notification::Address address{"token", "value", "ios", "wellness", now};

    const std::vector decisions{decisionOf(envelope, Decided::Done), failedOf(dying, Decided::Dead, "no", now)};
    store.ledger().decide(decisions, [](StoreSession&, std::size_t) { return true; });
    store.ledger().lookUp(keys);
    store.ledger().outboxOf(keys[0]);
    store.ledger().sweep(now, 10);

    port::DeadLetterFilter all{"notification.send", "notifications", now + 1s, now - 1s};
    port::DeadLetterFilter type{"notification.send", "", {}, {}};
    for (const auto& filter : {port::DeadLetterFilter{}, type, all})
    {
        store.deadLetters().list(filter, 1, "");
        store.deadLetters().count(filter);
    }
    const Envelope third = envelopeOf("m3");
    const auto alsoDead = failedOf(third, Decided::Dead, "no", now);
    store.ledger().decide({&alsoDead, 1}, {});
    store.deadLetters().list({}, 1, store.deadLetters().list({}, 1, "").nextCursor);
    store.deadLetters().list(type, 1, store.deadLetters().list(type, 1, "").nextCursor);
    store.deadLetters().countByType();
    store.deadLetters().find("m2");
    store.deadLetters().release("m2", [](StoreSession&, const Envelope&) { return std::optional<port::OutboxMessage>{}; });
    store.deadLetters().remove(ids);

    UnitOfWork work;
    const std::vector<port::RateRequest> requests{{"user-7", "m1"}, {"user-7", "m2"}};
    store.rateLimiter().reserve(requests, {1, 60s}, now);
    store.rateLimiter().reserve(requests, {1, 60s}, now + 60s);
    store.rateLimiter().stageSpent(work, "m1", now);
    store.rateLimiter().stageRelease(work, "m2");
    store.pushLedger().stageWrite(work, {{"m1", "aa", port::PushState::Intent, 1, 0, "", "", now}});
    store.notifications().stageInsert(work, {});
    store.notifications().stageStatus(work, "m1", notification::NotificationStatus::Sent, now);
    store.notifications().stageStatus(work, "m1", notification::NotificationStatus::Failed, {});
    store.devices().stageRemoval(work, "user-7", address, "UNREGISTERED", now);
    store.devices().put("user-7", address);
    store.ledger().commit(work, rows, {});
    store.ledger().claimOutbox(1, 1s);
    store.ledger().outboxSize();
    store.ledger().tallies();
    store.rateLimiter().sweep(now, 10);
    store.pushLedger().recordsOf(ids);
    store.pushLedger().sweep(now, 10);
    store.notifications().find("1");
    store.notifications().findByMessageId("m1");
    store.devices().addressesOf(ids);
    store.devices().remove("user-7", "value");

    store.lease().acquire("clerk", "a", 1s);
    store.lease().release("clerk", "a");
    store.delays().put(rows);
    store.delays().list("services", 1, 0);
    store.delays().count("services");
    store.delays().reschedule("m1", now);
    store.delays().cancel("m1");
    store.delays().put(rows);
    store.delays().claimDue(now + 1s, 1, 1s);
    store.delays().markPublished(std::vector<std::int64_t>{1});
    store.ledger().markPublished(std::vector<std::int64_t>{1});
}

/// The plans of all statements that this connection has prepared.
std::map<std::string, std::string> SqlitePlansTest::plans(Session& session)
{
    std::set<std::string> statements;
    {
        auto rows = session.prepare("SELECT sql FROM sqlite_stmt");
        while (rows.step()) statements.insert(rows.text(0));
    }
    std::map<std::string, std::string> plans;
    for (const auto& sql : statements)
    {
        const std::string trimmed = sql.substr(std::min(sql.find_first_not_of('\n'), sql.size()));
        const bool isData = trimmed.starts_with("SELECT") || trimmed.starts_with("UPDATE") || trimmed.starts_with("DELETE") ||
                            trimmed.starts_with("INSERT");
        if (!isData || sql.find("sqlite_") != std::string::npos || sql.find("carillon_schema") != std::string::npos) continue;
        auto rows = session.prepare("EXPLAIN QUERY PLAN " + sql);
        while (rows.step()) plans[trimmed] += rows.text(3) + "\n";
    }
    return plans;
}

void SqlitePlansTest::requireNoScan(const std::map<std::string, std::string>& plans)
{
    // Small by nature (a row a type and decision; what is not published yet), or read from one end of an index and left at the limit.
    const auto isAllowed = [](const std::string& line)
    { return line == "SCAN tallies" || line == "SCAN outbox" || line == "SCAN CONSTANT ROW" || line.find("USING") != std::string::npos; };
    for (const auto& [sql, plan] : plans)
    {
        std::istringstream lines(plan);
        for (std::string line; std::getline(lines, line);)
        {
            CPPUNIT_ASSERT_MESSAGE(sql + "\n" + plan, !line.starts_with("SCAN") || isAllowed(line));
            CPPUNIT_ASSERT_MESSAGE(sql + "\n" + plan, line.find("AUTOMATIC") == std::string::npos);
        }
    }
}

void SqlitePlansTest::noStatementScansATable()
{
    _underTest = std::make_unique<SqliteUnderTest>(oneReader());
    useEverything();

    const auto writing = _underTest->database().write([&](Session& session) { return plans(session); });
    const auto reading = _underTest->database().read([&](Session& session) { return plans(session); });

    CPPUNIT_ASSERT(writing.size() >= 20);
    CPPUNIT_ASSERT(reading.size() >= 10);
    requireNoScan(writing);
    requireNoScan(reading);

    const auto planOf = [&](const std::string& part)
    {
        for (const auto& plans : {writing, reading})
            for (const auto& [sql, plan] : plans)
                if (sql.find(part) != std::string::npos) return plan;
        CPPUNIT_FAIL("no statement with: " + part);
        return std::string();
    };
    CPPUNIT_ASSERT(planOf("DELETE FROM inbox").find("inbox_final (decided_at<?)") != std::string::npos);
    CPPUNIT_ASSERT(planOf("decided_at, due_at, reopened, history FROM inbox").find("(id=? AND type=?)") != std::string::npos);
    CPPUNIT_ASSERT(planOf("SELECT at FROM permits").find("permits_of_key (key=? AND state=? AND at>?)") != std::string::npos);
    CPPUNIT_ASSERT(planOf("UPDATE permits SET at").find("(message_id=?)") != std::string::npos);
    CPPUNIT_ASSERT(planOf("UPDATE notifications SET status = 'sent'").find("(message_id=?)") != std::string::npos);
    CPPUNIT_ASSERT(planOf("WHERE origin_id").find("outbox_origin") != std::string::npos);
    CPPUNIT_ASSERT(planOf("FROM delays WHERE due_at <=").find("delays_due (due_at<?)") != std::string::npos);
    _underTest.reset();
}

} // namespace carillon::tests::store
