#pragma once

#include "port/RateLimiter.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// The rate limiter in SQLite: a row a message and key, with what it holds and since when. Thread-safe; the database must outlive it.
class SqliteRateLimiter final : public port::RateLimiter
{
public:
    explicit SqliteRateLimiter(carillon::sqlite::Database& database) : _database(database) {}

    std::vector<TimePoint> reserve(std::span<const port::RateRequest> requests, const port::RateLimit& limit, TimePoint now) override;
    void stageSpent(UnitOfWork& work, const std::string& messageId, TimePoint at) override;
    void stageRelease(UnitOfWork& work, const std::string& messageId) override;
    std::size_t sweep(TimePoint before, std::size_t limit) override;

private:
    carillon::sqlite::Database& _database;
};

} // namespace carillon::stores::sqlite
