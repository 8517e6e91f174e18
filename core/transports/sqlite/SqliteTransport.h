#pragma once

#include "carillon/Clock.h"
#include "port/Transport.h"
#include "sqlite/BootClock.h"
#include "sqlite/Database.h"
#include "sqlite/SharesDatabase.h"
#include "transports/sqlite/Administration.h"
#include "transports/sqlite/Claiming.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

namespace carillon::transports::sqlite
{

struct SqliteTransportOptions
{
    /// The configured name, for errors.
    std::string name;

    /// At least one. Publishing goes to the first; consumers that name none take from all, the first one first.
    std::vector<std::string> queues;

    /// A larger body is refused.
    std::size_t maxBody = 256ULL << 10;
};

/// Queues in a SQLite file, for one machine: several processes share the file, publishing is durable as the Database's options say, and a
/// consumer sleeps until a message is published or due. On the same Database object as the store it takes part in the store's transactions.
class SqliteTransport final : public port::Transport, public carillon::sqlite::SharesDatabase
{
public:
    /// The clocks must outlive this.
    SqliteTransport(std::shared_ptr<carillon::sqlite::Database> database, SqliteTransportOptions options,
                    const Clock& clock = systemClock(), const carillon::sqlite::BootClock& bootClock = carillon::sqlite::systemBootClock());
    ~SqliteTransport() override;

    const std::string& name() const override { return _options.name; }
    port::TransportCapabilities capabilities() const override;
    /// Called by whatever needs it first, too; but not within a session, where it must have been called before.
    void setUp() override;

    std::vector<port::PublishResult> publish(std::span<const Envelope> envelopes) override;
    bool joins(const port::Store& store) const override;
    std::vector<port::PublishResult> publishWithin(StoreSession& session, std::span<const Envelope> envelopes) override;
    std::unique_ptr<port::Consumer> consume(const port::ConsumerOptions& options) override;

    std::vector<port::QueueStats> stats() override;
    void setPaused(const std::string& queue, bool paused) override;
    std::uint64_t purge(const std::string& queue) override;
    std::vector<port::QueuedMessage> inspect(const std::string& queue, std::size_t limit, const std::string& afterId) override;
    std::optional<port::QueuedMessage> find(const std::string& id) override;
    bool cancel(const std::string& id) override;
    bool cancelWithin(StoreSession& session, const std::string& id) override;
    bool reschedule(const std::string& id, TimePoint dueAt) override;

    const carillon::sqlite::Database& database() const override { return *_database; }

private:
    /// Runs `act`, telling the store's errors as the transport's.
    template <typename Act>
    auto asTransport(Act&& act) const -> std::invoke_result_t<Act>;
    /// The queues with their numbers in the file.
    const std::vector<Queue>& queues();
    const Queue& queueNamed(const std::string& name);
    std::vector<port::PublishResult> insertAll(carillon::sqlite::Session& session, std::span<const Envelope> envelopes);
    Moment moment() const { return {_clock.now(), _bootClock.now()}; }

    std::shared_ptr<carillon::sqlite::Database> _database;
    SqliteTransportOptions _options;
    const Clock& _clock;
    const carillon::sqlite::BootClock& _bootClock;

    std::mutex _setUpMutex;
    std::atomic<bool> _isSetUp{false};
    /// Not changed once set up.
    std::vector<Queue> _queues;
};

} // namespace carillon::transports::sqlite
