#pragma once

#include "port/Lease.h"
#include "sqlite/BootClock.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// Leases in SQLite. Thread-safe; the database and clock must outlive it.
class SqliteLease final : public port::Lease
{
public:
    SqliteLease(carillon::sqlite::Database& database, const carillon::sqlite::BootClock& clock) : _database(database), _clock(clock) {}

    std::optional<std::int64_t> acquire(const std::string& name, const std::string& holder, std::chrono::milliseconds duration) override;
    void release(const std::string& name, const std::string& holder) override;
    std::string holder(const std::string& name) override;

private:
    carillon::sqlite::Database& _database;
    const carillon::sqlite::BootClock& _clock;
};

} // namespace carillon::stores::sqlite
