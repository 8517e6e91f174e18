#include "stores/sqlite/SqliteLease.h"

#include <stdexcept>

namespace carillon::stores::sqlite
{
namespace
{

using carillon::sqlite::Session;

/// Its own lease it renews with the same token; a free one, its own that ran out included, it takes with the next.
constexpr const char* acquireSql = R"(
INSERT INTO leases(name, holder, token, ends_at, boot) VALUES(?1, ?2, 1, ?3, ?4)
ON CONFLICT(name) DO UPDATE SET token = token + (holder <> excluded.holder OR boot <> excluded.boot OR ends_at <= ?5),
    holder = excluded.holder, ends_at = excluded.ends_at, boot = excluded.boot
WHERE holder = excluded.holder OR boot <> excluded.boot OR ends_at <= ?5
RETURNING token)";

} // namespace

std::optional<std::int64_t> SqliteLease::acquire(const std::string& name, const std::string& holder, std::chrono::milliseconds duration)
{
    if (holder.empty()) throw std::invalid_argument("lease '" + name + "' needs a holder with a name");
    // Those who wait for a lease ask often: a look costs the writers nothing.
    const std::string current = this->holder(name);
    if (!current.empty() && current != holder) return {};

    return _database.write(
        [&](Session& session) -> std::optional<std::int64_t>
        {
            // Asked inside: the turn to write may have taken its time.
            const auto now = _clock.now();
            auto row = session.prepare(acquireSql).bind(name, holder, now + duration, _clock.bootId(), now);
            if (!row.step()) return {};
            const std::int64_t token = row.integer(0);
            row.run();
            return token;
        });
}

void SqliteLease::release(const std::string& name, const std::string& holder)
{
    // The row stays, so that the token grows on.
    _database.write([&](Session& session)
                    { session.prepare("UPDATE leases SET ends_at = 0 WHERE name = ?1 AND holder = ?2").bind(name, holder).run(); });
}

std::string SqliteLease::holder(const std::string& name)
{
    return _database.read(
        [&](Session& session)
        {
            auto row = session.prepare("SELECT holder FROM leases WHERE name = ?1 AND boot = ?2 AND ends_at > ?3")
                           .bind(name, _clock.bootId(), _clock.now());
            return row.step() ? row.text(0) : std::string();
        });
}

} // namespace carillon::stores::sqlite
