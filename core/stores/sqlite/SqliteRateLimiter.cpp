#include "stores/sqlite/SqliteRateLimiter.h"

#include "stores/sqlite/PermitRows.h"

#include <stdexcept>

namespace carillon::stores::sqlite
{

using carillon::sqlite::Session;

std::vector<TimePoint> SqliteRateLimiter::reserve(std::span<const port::RateRequest> requests, const port::RateLimit& limit, TimePoint now)
{
    if (limit.permits < 1 || limit.window <= std::chrono::milliseconds::zero())
        throw std::invalid_argument("a rate limit needs at least one permit and a window longer than zero");
    if (requests.empty()) return {};
    return _database.write(
        [&](Session& session)
        {
            PermitRows rows(session, limit, now);
            std::vector<TimePoint> moments;
            moments.reserve(requests.size());
            for (const auto& request : requests) moments.push_back(rows.reserve(request));
            return moments;
        });
}

void SqliteRateLimiter::stageSpent(UnitOfWork& work, const std::string& messageId, TimePoint at)
{
    work.stage([this, messageId, at](StoreSession& session) { PermitRows::spend(Session::of(session, _database), messageId, at); });
}

void SqliteRateLimiter::stageRelease(UnitOfWork& work, const std::string& messageId)
{
    work.stage([this, messageId](StoreSession& session) { PermitRows::release(Session::of(session, _database), messageId); });
}

std::size_t SqliteRateLimiter::sweep(TimePoint before, std::size_t limit)
{
    return _database.write(
        [&](Session& session)
        {
            session
                .prepare("DELETE FROM permits WHERE (message_id, key) IN (SELECT message_id, key FROM permits "
                         "WHERE at < ?1 AND (state = 2 OR at < ?2) ORDER BY at LIMIT ?3)")
                .bind(before, before - heldFor, limit)
                .run();
            return static_cast<std::size_t>(session.changes());
        });
}

} // namespace carillon::stores::sqlite
