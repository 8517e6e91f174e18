#pragma once

#include "port/PushLedger.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// Pushes by message and address in SQLite. Thread-safe; the database must outlive it.
class SqlitePushLedger final : public port::PushLedger
{
public:
    explicit SqlitePushLedger(carillon::sqlite::Database& database) : _database(database) {}

    std::map<std::string, std::vector<port::PushRecord>> recordsOf(std::span<const std::string> messageIds) override;
    void write(std::span<const port::PushRecord> records) override;
    void stageWrite(UnitOfWork& work, std::vector<port::PushRecord> records) override;
    std::size_t sweep(TimePoint before, std::size_t limit) override;

private:
    carillon::sqlite::Database& _database;
};

} // namespace carillon::stores::sqlite
