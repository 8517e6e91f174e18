#pragma once

#include "port/DeadLetters.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// Dead letters in SQLite. Thread-safe; the database and clock must outlive it.
class SqliteDeadLetters final : public port::DeadLetters
{
public:
    SqliteDeadLetters(carillon::sqlite::Database& database, const Clock& clock) : _database(database), _clock(clock) {}

    Page list(const port::DeadLetterFilter& filter, std::size_t limit, const std::string& cursor) override;
    std::optional<port::DeadLetter> find(const std::string& id) override;
    std::uint64_t count(const port::DeadLetterFilter& filter) override;
    std::map<std::string, std::uint64_t> countByType() override;
    std::optional<Envelope> release(const std::string& id, const Publish& publish) override;
    std::size_t remove(std::span<const std::string> ids) override;
    std::size_t removeAll(const port::DeadLetterFilter& filter) override;

private:
    carillon::sqlite::Database& _database;
    const Clock& _clock;
};

} // namespace carillon::stores::sqlite
