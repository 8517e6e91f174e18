#include "stores/sqlite/Inbox.h"

#include "stores/sqlite/HistoryText.h"

namespace carillon::stores::sqlite
{
namespace
{

using port::Decided;

/// One statement decides: no row, or one that is open and of an earlier turn. The history is left as it is.
constexpr const char* recordSql = R"(
INSERT INTO inbox(id, type, decided, turn, attempt, decided_at, due_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT(id, type) DO UPDATE SET decided = excluded.decided, turn = excluded.turn, attempt = excluded.attempt,
    decided_at = excluded.decided_at, due_at = excluded.due_at, reopened = 0
WHERE (decided IN (1, 2) OR reopened = 1) AND turn < excluded.turn)";

constexpr const char* recordFailureSql = R"(
INSERT INTO inbox(id, type, decided, turn, attempt, decided_at, due_at, history) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT(id, type) DO UPDATE SET decided = excluded.decided, turn = excluded.turn, attempt = excluded.attempt,
    decided_at = excluded.decided_at, due_at = excluded.due_at, reopened = 0, history = excluded.history
WHERE (decided IN (1, 2) OR reopened = 1) AND turn < excluded.turn)";

constexpr const char* findSql =
    "SELECT decided, turn, attempt, decided_at, due_at, reopened, history FROM inbox WHERE id = ?1 AND type = ?2";

constexpr const char* reopenSql = R"(
INSERT INTO inbox(id, type, decided, turn, attempt, decided_at, due_at, reopened, replays, history) VALUES(?1, ?2, 3, ?3, ?4, ?5, 0, 1, ?6, ?7)
ON CONFLICT(id, type) DO UPDATE SET reopened = 1, replays = excluded.replays, turn = max(turn, excluded.turn)
RETURNING turn)";

constexpr const char* sweepSql = R"(
DELETE FROM inbox WHERE (id, type) IN (
    SELECT id, type FROM inbox WHERE decided NOT IN (1, 2) AND reopened = 0 AND decided_at < ?1 ORDER BY decided_at LIMIT ?2))";

} // namespace

std::optional<Inbox::Recorded> Inbox::record(const port::Decision& decision, TimePoint now)
{
    if (decision.failure) return recordFailure(decision, now);
    const Envelope& envelope = *decision.envelope;
    _session.prepare(recordSql)
        .bind(envelope.id, envelope.type, numberOf(decision.decided), envelope.turn, envelope.attempt, now, decision.dueAt)
        .run();
    if (_session.changes() == 0) return {};
    return Recorded{};
}

std::optional<Inbox::Recorded> Inbox::recordFailure(const port::Decision& decision, TimePoint now)
{
    const Envelope& envelope = *decision.envelope;
    Recorded recorded;
    {
        auto row = _session.prepare("SELECT history, replays FROM inbox WHERE id = ?1 AND type = ?2").bind(envelope.id, envelope.type);
        if (row.step())
        {
            recorded.history = historyFrom(row.view(0));
            recorded.replays = static_cast<int>(row.integer(1));
        }
    }
    recorded.history.add(*decision.failure);

    _session.prepare(recordFailureSql)
        .bind(envelope.id, envelope.type, numberOf(decision.decided), envelope.turn, envelope.attempt, now, decision.dueAt,
              textOf(recorded.history))
        .run();
    if (_session.changes() == 0) return {};
    return recorded;
}

std::optional<port::InboxRow> Inbox::find(const port::MessageKey& key)
{
    auto found = _session.prepare(findSql).bind(key.id, key.type);
    if (!found.step()) return {};
    port::InboxRow row;
    row.decided = static_cast<Decided>(found.integer(0));
    row.turn = static_cast<int>(found.integer(1));
    row.attempt = static_cast<int>(found.integer(2));
    row.decidedAt = found.time(3);
    row.dueAt = found.time(4);
    row.isReopened = found.integer(5) != 0;
    row.history = historyFrom(found.view(6));
    return row;
}

int Inbox::reopen(const Envelope& envelope, const port::FailureHistory& history, int replays, TimePoint now)
{
    auto reopened =
        _session.prepare(reopenSql).bind(envelope.id, envelope.type, envelope.turn, envelope.attempt, now, replays, textOf(history));
    reopened.step();
    const int turn = static_cast<int>(reopened.integer(0));
    reopened.run();
    return turn + 1;
}

std::size_t Inbox::sweep(TimePoint before, std::size_t limit)
{
    _session.prepare(sweepSql).bind(before, limit).run();
    return static_cast<std::size_t>(_session.changes());
}

} // namespace carillon::stores::sqlite
