#include "ChildProcess.h"
#include "carillon/Errors.h"
#include "support/TemporaryDirectory.h"
#include "transports/sqlite/SqliteTransport.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using carillon::sqlite::Database;
using carillon::transports::sqlite::SqliteTransport;

namespace carillon::tests
{

/// Promise 1 on the embedded transport, with real processes on one file.
class ProcessesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProcessesTest);
    CPPUNIT_TEST(severalProcessesLoseAndDoubleNothing);
    CPPUNIT_TEST(aPublishWakesAnotherProcess);
    CPPUNIT_TEST(aKilledHolderOfTheTurnstileHoldsNobodyUp);
    CPPUNIT_TEST(everyConfirmedMessageSurvivesTheKillOfItsPublisher);
    CPPUNIT_TEST(aKilledConsumersMessageComesToAnother);
    CPPUNIT_TEST_SUITE_END();

public:
    void severalProcessesLoseAndDoubleNothing()
    {
        transport();
        std::vector<std::unique_ptr<ChildProcess>> publishers;
        std::vector<std::unique_ptr<ChildProcess>> consumers;
        for (const char* prefix : {"a", "b"}) publishers.push_back(start({"publish", file(), prefix, "300"}));
        for (int i = 0; i < 2; ++i) consumers.push_back(start({"consume", file()}));

        std::map<std::string, int> settled;
        for (const auto& publisher : publishers) CPPUNIT_ASSERT_EQUAL(std::size_t{300}, publisher->rest().size());
        for (const auto& consumer : consumers)
            for (const std::string& id : consumer->rest()) ++settled[id];

        CPPUNIT_ASSERT_EQUAL(std::size_t{600}, settled.size());
        for (const auto& [id, times] : settled) CPPUNIT_ASSERT_EQUAL_MESSAGE(id, 1, times);
        CPPUNIT_ASSERT(transport().stats()[0].ready == 0U);
        CPPUNIT_ASSERT(transport().stats()[0].taken == 0U);
    }

    void aPublishWakesAnotherProcess()
    {
        transport();
        const auto waiting = start({"wait", file()});
        CPPUNIT_ASSERT_EQUAL(std::string("waiting"), waiting->line().value_or("(ended)"));

        publish("a");

        CPPUNIT_ASSERT_EQUAL(std::string("a"), waiting->line().value_or("(ended)"));
    }

    void aKilledHolderOfTheTurnstileHoldsNobodyUp()
    {
        transport();
        const auto holder = start({"hold", file()});
        CPPUNIT_ASSERT_EQUAL(std::string("inside"), holder->line().value_or("(ended)"));
        holder->kill();
        CPPUNIT_ASSERT_EQUAL(-9, holder->wait());

        const auto before = std::chrono::steady_clock::now();
        publish("a");

        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - before < 4s);
        const auto leftBehind =
            _database->read([](carillon::sqlite::Session& session)
                            { return session.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'never_committed'").step(); });
        CPPUNIT_ASSERT(!leftBehind);
    }

    void everyConfirmedMessageSurvivesTheKillOfItsPublisher()
    {
        transport();
        for (int round = 0; round < 5; ++round)
        {
            const auto publisher = start({"publish", file(), std::to_string(round) + "-", "1000000"});
            std::vector<std::string> confirmed;
            for (int i = 0; i < 50 + 37 * round; ++i) confirmed.push_back(publisher->line().value());
            publisher->kill();
            for (auto& id : publisher->rest()) confirmed.push_back(std::move(id));

            for (const std::string& id : confirmed) CPPUNIT_ASSERT_MESSAGE("lost: " + id, transport().find(id));
        }
        const auto taking = transport().consume({});
        CPPUNIT_ASSERT(!taking->take(1, 0ms).empty());
    }

    void aKilledConsumersMessageComesToAnother()
    {
        transport();
        publish("a");
        const auto consumer = start({"take-and-pause", file()});
        CPPUNIT_ASSERT_EQUAL(std::string("a"), consumer->line().value_or("(ended)"));
        consumer->kill();
        consumer->wait();

        const auto taking = transport().consume({});
        const auto deliveries = taking->take(1, 20s);

        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, deliveries.size());
        CPPUNIT_ASSERT(deliveries[0].redelivered);
        CPPUNIT_ASSERT_EQUAL(2, deliveries[0].deliveries);
        CPPUNIT_ASSERT_EQUAL(1, deliveries[0].envelope.attempt);
    }

private:
    std::string file() const { return _folder / "test.db"; }

    static std::unique_ptr<ChildProcess> start(std::vector<std::string> arguments)
    {
        return std::make_unique<ChildProcess>(std::move(arguments));
    }

    SqliteTransport& transport()
    {
        if (!_transport)
        {
            _database = Database::open(file(), {.freeDiskFloor = 0});
            _transport =
                std::make_unique<SqliteTransport>(_database, transports::sqlite::SqliteTransportOptions{.name = "tested", .queues = {"q"}});
            _transport->setUp();
        }
        return *_transport;
    }

    void publish(const std::string& id)
    {
        Envelope envelope;
        envelope.id = id;
        envelope.type = "notification.send";
        envelope.body = "{}";
        CPPUNIT_ASSERT(transport().publish(std::vector<Envelope>{envelope})[0].status == port::PublishResult::Status::Confirmed);
    }

    TemporaryDirectory _folder;
    std::shared_ptr<Database> _database;
    std::unique_ptr<SqliteTransport> _transport;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProcessesTest);

} // namespace carillon::tests
