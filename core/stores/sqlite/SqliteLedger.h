#pragma once

#include "port/Ledger.h"
#include "sqlite/BootClock.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// The record of decisions in SQLite. Thread-safe; the database and clocks must outlive it.
class SqliteLedger final : public port::Ledger
{
public:
    SqliteLedger(carillon::sqlite::Database& database, const Clock& clock, const carillon::sqlite::BootClock& bootClock)
        : _database(database),
          _clock(clock),
          _bootClock(bootClock)
    {
    }

    std::vector<port::DecisionResult> decide(std::span<const port::Decision> decisions, const Within& within) override;
    void commit(const UnitOfWork& work, std::span<const port::OutboxMessage> outbox,
                const std::function<void(StoreSession&)>& within) override;
    std::vector<std::optional<port::InboxRow>> lookUp(std::span<const port::MessageKey> keys) override;
    std::vector<port::OutboxMessage> claimOutbox(std::size_t limit, std::chrono::milliseconds claimFor) override;
    std::vector<port::OutboxMessage> outboxOf(const port::MessageKey& key) override;
    void markPublished(std::span<const std::int64_t> sequences) override;
    std::uint64_t outboxSize() override;
    port::Tallies tallies() override;
    std::size_t sweep(TimePoint before, std::size_t limit) override;

private:
    carillon::sqlite::Database& _database;
    const Clock& _clock;
    const carillon::sqlite::BootClock& _bootClock;
};

} // namespace carillon::stores::sqlite
