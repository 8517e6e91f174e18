#include "stores/sqlite/SqliteDelays.h"

#include "stores/sqlite/EnvelopeColumns.h"

#include <stdexcept>

namespace carillon::stores::sqlite
{
namespace
{

using carillon::sqlite::Session;
using carillon::sqlite::Statement;
using port::OutboxMessage;

constexpr const char* addSql = "INSERT INTO delays(transport, " CARILLON_ENVELOPE_COLUMNS
                               ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

#define CARILLON_DELAY "SELECT sequence, transport, " CARILLON_ENVELOPE_COLUMNS " FROM delays "
#define CARILLON_UNCLAIMED "(claimed_until IS NULL OR claimed_until <= ?1 OR claimed_boot <> ?2)"

std::vector<OutboxMessage> readAll(Statement& rows)
{
    std::vector<OutboxMessage> messages;
    while (rows.step()) messages.push_back({rows.integer(0), rows.text(1), EnvelopeColumns::read(rows, 2)});
    return messages;
}

} // namespace

void SqliteDelays::put(std::span<const OutboxMessage> delayed)
{
    if (delayed.empty()) return;
    _database.write([&](Session& session) { putWithin(session, delayed); });
}

void SqliteDelays::putWithin(StoreSession& storeSession, std::span<const OutboxMessage> delayed)
{
    Session& session = Session::of(storeSession, _database);
    // A new row, not the old one changed: who claimed the old one deletes it by its number, and must not delete this.
    auto remove = session.prepare("DELETE FROM delays WHERE id = ?1 AND type = ?2");
    auto add = session.prepare(addSql);
    for (const OutboxMessage& message : delayed)
    {
        if (!message.envelope.dueAt)
            throw std::invalid_argument("message " + message.envelope.id + " cannot be delayed without a due time");
        remove.bind(message.envelope.id, message.envelope.type).run();
        add.bindAt(1, message.transport);
        EnvelopeColumns::bind(add, 2, message.envelope);
        add.run();
    }
    session.announce(carillon::sqlite::Topic::Delays);
}

std::vector<OutboxMessage> SqliteDelays::claimDue(TimePoint now, std::size_t limit, std::chrono::milliseconds claimFor)
{
    const auto next = nextDue();
    if (!next || *next > now) return {};
    return _database.write(
        [&](Session& session)
        {
            std::vector<OutboxMessage> messages;
            {
                auto rows =
                    session.prepare(CARILLON_DELAY "WHERE due_at <= ?3 AND " CARILLON_UNCLAIMED " ORDER BY due_at, sequence LIMIT ?4")
                        .bind(_clock.now(), _clock.bootId(), now, limit);
                messages = readAll(rows);
            }
            auto claim = session.prepare("UPDATE delays SET claimed_until = ?2, claimed_boot = ?3 WHERE sequence = ?1");
            for (const auto& message : messages) claim.bind(message.sequence, _clock.now() + claimFor, _clock.bootId()).run();
            return messages;
        });
}

void SqliteDelays::markPublished(std::span<const std::int64_t> sequences)
{
    if (sequences.empty()) return;
    _database.write(
        [&](Session& session)
        {
            auto remove = session.prepare("DELETE FROM delays WHERE sequence = ?1");
            for (const std::int64_t sequence : sequences) remove.bind(sequence).run();
        });
}

std::optional<TimePoint> SqliteDelays::nextDue()
{
    return _database.read(
        [&](Session& session)
        {
            auto row = session.prepare("SELECT due_at FROM delays WHERE " CARILLON_UNCLAIMED " ORDER BY due_at, sequence LIMIT 1")
                           .bind(_clock.now(), _clock.bootId());
            return row.step() ? row.optionalTime(0) : std::nullopt;
        });
}

std::vector<OutboxMessage> SqliteDelays::list(const std::string& transport, std::size_t limit, std::int64_t afterSequence)
{
    return _database.read(
        [&](Session& session)
        {
            auto rows = session.prepare(CARILLON_DELAY "WHERE transport = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3")
                            .bind(transport, afterSequence, limit);
            return readAll(rows);
        });
}

std::uint64_t SqliteDelays::count(const std::string& transport)
{
    return _database.read(
        [&](Session& session)
        {
            auto row = session.prepare("SELECT count(*) FROM delays WHERE transport = ?1").bind(transport);
            row.step();
            return static_cast<std::uint64_t>(row.integer(0));
        });
}

bool SqliteDelays::cancel(const std::string& id)
{
    return _database.write(
        [&](Session& session)
        {
            session.prepare("DELETE FROM delays WHERE id = ?3 AND " CARILLON_UNCLAIMED).bind(_clock.now(), _clock.bootId(), id).run();
            return session.changes() > 0;
        });
}

bool SqliteDelays::reschedule(const std::string& id, TimePoint dueAt)
{
    return _database.write(
        [&](Session& session)
        {
            session.prepare("UPDATE delays SET due_at = ?4 WHERE id = ?3 AND " CARILLON_UNCLAIMED)
                .bind(_clock.now(), _clock.bootId(), id, dueAt)
                .run();
            session.announce(carillon::sqlite::Topic::Delays);
            return session.changes() > 0;
        });
}

} // namespace carillon::stores::sqlite
