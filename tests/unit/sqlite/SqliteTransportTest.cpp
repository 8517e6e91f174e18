#include "transports/sqlite/SqliteTransport.h"
#include "carillon/Errors.h"
#include "support/ManualClock.h"
#include "support/TemporaryDirectory.h"
#include "transports/sqlite/HeaderCodec.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using carillon::sqlite::Database;
using carillon::sqlite::Session;

namespace carillon::transports::sqlite
{
namespace
{

class SettableBootClock final : public carillon::sqlite::BootClock
{
public:
    explicit SettableBootClock(char boot) : _bootId(36, boot) {}
    std::chrono::milliseconds now() const override { return _now; }
    const std::string& bootId() const override { return _bootId; }
    void advance(std::chrono::milliseconds by) { _now += by; }

private:
    std::chrono::milliseconds _now{1000000};
    std::string _bootId;
};

} // namespace

/// What only this transport has; what it shares with the others is in tests/contract/transport.
class SqliteTransportTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SqliteTransportTest);
    CPPUNIT_TEST(everyStatementOfTheHotPathUsesAnIndex);
    CPPUNIT_TEST(countingReadsIndexesOnly);
    CPPUNIT_TEST(aPausedQueueIsSkippedAndTheOthersGoOn);
    CPPUNIT_TEST(aConsumerTakesFromItsQueuesInTheirOrder);
    CPPUNIT_TEST(aConcurrencyKeyHoldsOverAllQueuesOfTheFile);
    CPPUNIT_TEST(leasesOfAnotherBootAreOver);
    CPPUNIT_TEST(aWaitEndsWhenAMessageIsDue);
    CPPUNIT_TEST(aHeldLeaseIsRenewed);
    CPPUNIT_TEST(belowTheFloorPublishingIsRefusedAndTakingFailsAndCancellingWorks);
    CPPUNIT_TEST(messagesSurviveTheClosing);
    CPPUNIT_TEST(aPauseSurvivesTheClosing);
    CPPUNIT_TEST(aLockedFileIsATransportError);
    CPPUNIT_TEST(damagedHeadersAreADecodeError);
    CPPUNIT_TEST(aTransportWithoutAQueueIsRefused);
    CPPUNIT_TEST(withinASessionItMustBeSetUpBefore);
    CPPUNIT_TEST(headersComeBackByteForByte);
    CPPUNIT_TEST(whatIsNoHeaderCodeIsRefused);
    CPPUNIT_TEST_SUITE_END();

public:
    /// The statements are those that were really run, as the connection's cache has them: a later change of the SQL is seen here.
    void everyStatementOfTheHotPathUsesAnIndex()
    {
        SettableBootClock bootClock('a');
        const auto transport = std::make_unique<SqliteTransport>(_database, options({"q"}), _clock, bootClock);
        publish(*transport, "a", "key");
        publish(*transport, "b", "key");
        transport->publish(std::vector<Envelope>{envelope("a")});
        const auto taking = transport->consume({});
        for (const auto kind : {port::Settlement::Kind::Return, port::Settlement::Kind::Later, port::Settlement::Kind::Remove})
        {
            const auto deliveries = taking->take(1, 0ms);
            taking->settle(std::vector<port::Settlement>{{.delivery = deliveries.data(), .kind = kind, .dueAt = _clock.now() + 1h}});
        }
        CPPUNIT_ASSERT(taking->take(1, 0ms).empty());
        _clock.advance(2h);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("what is due", std::size_t{1}, taking->take(1, 0ms).size());
        bootClock.advance(2h);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("what lost its lease", std::size_t{1}, taking->take(1, 0ms).size());
        CPPUNIT_ASSERT(!transport->cancel("a"));

        const auto plans = plansOfAllWrites();

        CPPUNIT_ASSERT_MESSAGE(std::to_string(plans.size()) + " statements", plans.size() >= 15);
        bool isReadyIndexUsed = false;
        for (const auto& [sql, plan] : plans)
        {
            CPPUNIT_ASSERT_MESSAGE(sql + ": " + plan, plan.find("SCAN messages") == std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(sql + ": " + plan, plan.find("TEMP B-TREE") == std::string::npos);
            if (sql.find("ORDER BY priority DESC, ready_at, sequence") != std::string::npos)
                isReadyIndexUsed = plan == "SEARCH messages USING INDEX messages_ready (state=? AND queue=?);";
        }
        CPPUNIT_ASSERT(isReadyIndexUsed);
    }

    void countingReadsIndexesOnly()
    {
        make({"q"})->setUp();
        for (const char* state : {"0", "1", "2", "3"})
        {
            const std::string plan = _database->read(
                [&](Session& session)
                { return planOf(session, std::string("SELECT count(*), NULL FROM messages WHERE state = ") + state + " AND queue = 1"); });
            CPPUNIT_ASSERT_MESSAGE(plan, plan.find("COVERING INDEX") != std::string::npos);
        }
    }

    void aPausedQueueIsSkippedAndTheOthersGoOn()
    {
        const auto one = make({"one"});
        const auto two = make({"two"});
        publish(*one, "1");
        publish(*two, "2");
        const auto both = make({"one", "two"});

        both->setPaused("one", true);

        const auto taking = both->consume({});
        const auto deliveries = taking->take(10, 0ms);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, deliveries.size());
        CPPUNIT_ASSERT_EQUAL(std::string("two"), deliveries[0].queue);
        CPPUNIT_ASSERT(one->stats()[0].paused && !two->stats()[0].paused);
    }

    void aConsumerTakesFromItsQueuesInTheirOrder()
    {
        const auto one = make({"one"});
        const auto two = make({"two"});
        publish(*one, "1");
        publish(*two, "2");
        port::ConsumerOptions options;
        options.queues = {"two", "one"};

        const auto both = make({"one", "two"});
        const auto taking = both->consume(options);
        const auto deliveries = taking->take(10, 0ms);

        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, deliveries.size());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), deliveries[0].envelope.id);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), deliveries[1].envelope.id);
    }

    void aConcurrencyKeyHoldsOverAllQueuesOfTheFile()
    {
        const auto one = make({"one"});
        const auto two = make({"two"});
        publish(*one, "1", "key");
        publish(*two, "2", "key");
        const auto first = one->consume({});
        const auto second = two->consume({});

        const auto taken = first->take(10, 0ms);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, taken.size());
        CPPUNIT_ASSERT(second->take(10, 0ms).empty());

        first->settle(std::vector<port::Settlement>{{.delivery = taken.data()}});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, second->take(10, 0ms).size());
    }

    void leasesOfAnotherBootAreOver()
    {
        const SettableBootClock before('a');
        const SettableBootClock after('b');
        const auto old = std::make_unique<SqliteTransport>(_database, options({"q"}), _clock, before);
        publish(*old, "a", "key");
        publish(*old, "b", "key");
        const auto lost = old->consume({});
        const auto taken = lost->take(10, 0ms);
        CPPUNIT_ASSERT(lost->take(10, 0ms).empty());

        const auto sameBoot = std::make_unique<SqliteTransport>(_database, options({"q"}), _clock, before);
        CPPUNIT_ASSERT(sameBoot->consume({})->take(10, 0ms).empty());
        const auto nextBoot = std::make_unique<SqliteTransport>(_database, options({"q"}), _clock, after);
        const auto taking = nextBoot->consume({});
        const auto again = taking->take(10, 0ms);

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, again.size());
        CPPUNIT_ASSERT(again[0].redelivered);
        CPPUNIT_ASSERT(lost->settle(std::vector<port::Settlement>{{.delivery = taken.data()}}) == std::vector<bool>{false});
    }

    void aWaitEndsWhenAMessageIsDue()
    {
        // The real clock: the wait must end by itself, nobody publishes.
        SqliteTransport transport(_database, options({"q"}));
        Envelope delayed = envelope("a");
        delayed.dueAt = systemClock().now() + 100ms;
        transport.publish(std::vector<Envelope>{delayed});

        const auto taking = transport.consume({});
        const auto deliveries = taking->take(1, 20s);

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, deliveries.size());
        const auto late = systemClock().now() - *delayed.dueAt;
        CPPUNIT_ASSERT_MESSAGE(std::to_string(late.count()) + " ms late", late >= 0ms && late < 5s);
    }

    void aHeldLeaseIsRenewed()
    {
        SqliteTransport transport(_database, options({"q"}));
        transport.publish(std::vector<Envelope>{envelope("a")});
        port::ConsumerOptions shortLease;
        shortLease.lease = 300ms;
        const auto holding = transport.consume(shortLease);
        const auto held = holding->take(1, 0ms);
        const auto other = transport.consume(shortLease);

        CPPUNIT_ASSERT_MESSAGE("given away while its holder lives", other->take(1, 900ms).empty());
        holding->renewUntil(held[0], std::chrono::steady_clock::now());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("kept after its handler's deadline", std::size_t{1}, other->take(1, 20s).size());
    }

    void belowTheFloorPublishingIsRefusedAndTakingFailsAndCancellingWorks()
    {
        const auto file = _folder / "tight.db";
        {
            const auto roomy = Database::open(file, {.freeDiskFloor = 0});
            SqliteTransport transport(roomy, options({"q"}), _clock);
            publish(transport, "a");
        }
        const auto tight = Database::open(file, {.freeDiskFloor = std::uint64_t{1} << 60});
        SqliteTransport transport(tight, options({"q"}), _clock);

        const auto results = transport.publish(std::vector<Envelope>{envelope("b")});
        CPPUNIT_ASSERT(results[0].status == port::PublishResult::Status::Refused);
        CPPUNIT_ASSERT(results[0].reason.find("free_disk_floor") != std::string::npos);
        const auto taking = transport.consume({});
        CPPUNIT_ASSERT_THROW(taking->take(1, 0ms), TransportError);
        CPPUNIT_ASSERT(transport.find("a"));
        CPPUNIT_ASSERT(transport.cancel("a"));
    }

    void messagesSurviveTheClosing()
    {
        const auto file = _folder / "closed.db";
        {
            SqliteTransport transport(Database::open(file), options({"q"}), _clock);
            publish(transport, "a");
        }
        SqliteTransport transport(Database::open(file), options({"q"}), _clock);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, transport.consume({})->take(10, 0ms).size());
    }

    void aPauseSurvivesTheClosing()
    {
        const auto file = _folder / "closed.db";
        {
            SqliteTransport transport(Database::open(file), options({"q"}), _clock);
            transport.setPaused("q", true);
        }
        SqliteTransport transport(Database::open(file), options({"q"}), _clock);
        CPPUNIT_ASSERT(transport.stats()[0].paused);
    }

    void aLockedFileIsATransportError()
    {
        const auto database = Database::open(_folder / "locked.db", {.busyDeadline = 50ms});
        SqliteTransport transport(database, options({"q"}), _clock);
        transport.setUp();
        std::promise<void> isInside;
        std::promise<void> mayEnd;
        auto writer = std::async(std::launch::async,
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

        std::string text;
        try
        {
            publish(transport, "a");
        }
        catch (const TransportError& error)
        {
            text = error.what();
        }
        mayEnd.set_value();
        writer.get();

        CPPUNIT_ASSERT_MESSAGE(text, text.find("locked.db is busy") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("tested") != std::string::npos);
        CPPUNIT_ASSERT(!transport.find("a"));
    }

    void damagedHeadersAreADecodeError()
    {
        const auto transport = make({"q"});
        publish(*transport, "a");
        _database->write([](Session& session) { session.execute("UPDATE messages SET headers = x'39393a61'"); });

        const auto taking = transport->consume({});
        const auto deliveries = taking->take(1, 0ms);

        CPPUNIT_ASSERT(deliveries.at(0).decodeError);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), deliveries[0].raw);
        CPPUNIT_ASSERT_EQUAL(std::string("a"), deliveries[0].envelope.id);
    }

    void aTransportWithoutAQueueIsRefused()
    {
        CPPUNIT_ASSERT_THROW(make({}), ConfigurationError);
        CPPUNIT_ASSERT_THROW(make({""}), ConfigurationError);
    }

    void withinASessionItMustBeSetUpBefore()
    {
        const auto transport = make({"q"});
        CPPUNIT_ASSERT_THROW(
            _database->write([&](Session& session) { transport->publishWithin(session, std::vector<Envelope>{envelope("a")}); }),
            std::logic_error);
    }

    void headersComeBackByteForByte()
    {
        const Headers headers{{"", ""}, {"a", "1:b"}, {std::string("\0:", 2), "ü"}};
        CPPUNIT_ASSERT(decodeHeaders(encodeHeaders(headers)) == headers);
        CPPUNIT_ASSERT(decodeHeaders("") == Headers());
    }

    void whatIsNoHeaderCodeIsRefused()
    {
        for (const char* bytes : {"a", "1", "1:", "1:a", "2:a1:b", "-1:a1:b", "99999999999999999999:a", "1:a1:b1"})
            CPPUNIT_ASSERT_MESSAGE(bytes, !decodeHeaders(bytes));
    }

private:
    static SqliteTransportOptions options(std::vector<std::string> queues) { return {.name = "tested", .queues = std::move(queues)}; }

    std::unique_ptr<SqliteTransport> make(std::vector<std::string> queues)
    {
        return std::make_unique<SqliteTransport>(_database, options(std::move(queues)), _clock);
    }

    Envelope envelope(const std::string& id) const
    {
        Envelope result;
        result.id = id;
        result.type = "notification.send";
        result.body = "{}";
        result.publishedAt = _clock.now();
        return result;
    }

    void publish(SqliteTransport& transport, const std::string& id, const std::string& concurrencyKey = {})
    {
        Envelope message = envelope(id);
        message.concurrencyKey = concurrencyKey;
        const auto results = transport.publish(std::vector<Envelope>{message});
        CPPUNIT_ASSERT(results[0].status == port::PublishResult::Status::Confirmed);
    }

    static std::string planOf(Session& session, const std::string& sql)
    {
        std::string plan;
        auto rows = session.prepare("EXPLAIN QUERY PLAN " + sql);
        while (rows.step()) plan += rows.text(3) + ";";
        return plan;
    }

    /// The plan of each statement about messages that the writing connection has prepared so far.
    std::vector<std::pair<std::string, std::string>> plansOfAllWrites()
    {
        return _database->write(
            [](Session& session)
            {
                std::vector<std::pair<std::string, std::string>> plans;
                auto prepared = session.prepare("SELECT sql FROM sqlite_stmt WHERE sql LIKE '%messages%' AND sql NOT LIKE '%sqlite_stmt%'");
                while (prepared.step()) plans.emplace_back(prepared.text(0), std::string());
                for (auto& [sql, plan] : plans) plan = planOf(session, sql);
                return plans;
            });
    }

    carillon::tests::TemporaryDirectory _folder;
    carillon::tests::ManualClock _clock;
    std::shared_ptr<Database> _database = Database::open(_folder / "test.db", {.freeDiskFloor = 0});
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteTransportTest);

} // namespace carillon::transports::sqlite
