#pragma once

#include "port/Delays.h"
#include "sqlite/BootClock.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// Delayed messages in SQLite. Thread-safe; the database and clock must outlive it.
class SqliteDelays final : public port::Delays
{
public:
    SqliteDelays(carillon::sqlite::Database& database, const carillon::sqlite::BootClock& clock) : _database(database), _clock(clock) {}

    void put(std::span<const port::OutboxMessage> delayed) override;
    void putWithin(StoreSession& session, std::span<const port::OutboxMessage> delayed) override;
    std::vector<port::OutboxMessage> claimDue(TimePoint now, std::size_t limit, std::chrono::milliseconds claimFor) override;
    void markPublished(std::span<const std::int64_t> sequences) override;
    std::optional<TimePoint> nextDue() override;
    std::vector<port::OutboxMessage> list(const std::string& transport, std::size_t limit, std::int64_t afterSequence) override;
    std::uint64_t count(const std::string& transport) override;
    bool cancel(const std::string& id) override;
    bool reschedule(const std::string& id, TimePoint dueAt) override;

private:
    carillon::sqlite::Database& _database;
    const carillon::sqlite::BootClock& _clock;
};

} // namespace carillon::stores::sqlite
