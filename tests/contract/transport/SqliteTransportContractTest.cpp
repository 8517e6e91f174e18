#include "contract/transport/TransportContract.h"
#include "support/TemporaryDirectory.h"
#include "transports/sqlite/SqliteTransport.h"

namespace carillon::tests
{
namespace
{

/// The boot clock goes with the test's.
class FollowingBootClock final : public carillon::sqlite::BootClock
{
public:
    explicit FollowingBootClock(const Clock& clock) : _clock(clock) {}
    std::chrono::milliseconds now() const override
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(_clock.steady().time_since_epoch());
    }
    const std::string& bootId() const override { return _bootId; }

private:
    const Clock& _clock;
    std::string _bootId = "11111111-2222-3333-4444-555555555555";
};

} // namespace

class SqliteTransportContractTest final : public TransportContract
{
    CPPUNIT_TEST_SUB_SUITE(SqliteTransportContractTest, TransportContract);
    CPPUNIT_TEST_SUITE_END();

protected:
    std::unique_ptr<port::Transport> makeTransport(const Clock& clock) override
    {
        _bootClock = std::make_unique<FollowingBootClock>(clock);
        _database = carillon::sqlite::Database::open(_folder / "contract.db", {.freeDiskFloor = 0});
        transports::sqlite::SqliteTransportOptions options{.name = "tested", .queues = {queueName}, .maxBody = bodyLimit};
        auto transport = std::make_unique<transports::sqlite::SqliteTransport>(_database, options, clock, *_bootClock);
        transport->setUp();
        return transport;
    }

    bool inSession(const std::function<void(StoreSession&)>& work) override
    {
        _database->write([&](carillon::sqlite::Session& session) { work(session); });
        return true;
    }

private:
    TemporaryDirectory _folder;
    std::unique_ptr<FollowingBootClock> _bootClock;
    std::shared_ptr<carillon::sqlite::Database> _database;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SqliteTransportContractTest);

} // namespace carillon::tests
