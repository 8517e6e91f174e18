#include "stores/sqlite/LetterRows.h"

#include "stores/sqlite/EnvelopeColumns.h"
#include "stores/sqlite/HistoryText.h"

namespace carillon::stores::sqlite
{
namespace
{

using carillon::sqlite::Statement;
using port::DeadLetter;
using port::DeadLetterFilter;

constexpr int afterEnvelope = EnvelopeColumns::count;

constexpr const char* putSql =
    "INSERT OR REPLACE INTO dead_letters(" CARILLON_ENVELOPE_COLUMNS ", transport, failed_at, history, raw, replays) "
    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

#define CARILLON_LETTER "SELECT " CARILLON_ENVELOPE_COLUMNS ", transport, failed_at, history, raw, replays FROM dead_letters "

DeadLetter read(const Statement& row)
{
    DeadLetter letter;
    letter.envelope = EnvelopeColumns::read(row, 0);
    letter.transport = row.text(afterEnvelope);
    letter.failedAt = row.time(afterEnvelope + 1);
    letter.history = historyFrom(row.view(afterEnvelope + 2));
    letter.raw = row.text(afterEnvelope + 3);
    letter.replays = static_cast<int>(row.integer(afterEnvelope + 4));
    // A death always adds its failure last.
    if (!letter.history.failures.empty()) letter.lastFailure = letter.history.failures.back();
    return letter;
}

/// Only the conditions that are asked for, so that each form has the index that serves it.
std::string conditionsOf(const DeadLetterFilter& filter)
{
    std::string sql = "WHERE 1";
    if (!filter.type.empty()) sql += " AND type = ?1";
    if (!filter.transport.empty()) sql += " AND transport = ?2";
    if (filter.failedBefore) sql += " AND failed_at < ?3";
    if (filter.failedAfter) sql += " AND failed_at >= ?4";
    return sql;
}

void bindConditions(Statement& statement, const DeadLetterFilter& filter)
{
    if (!filter.type.empty()) statement.bindAt(1, filter.type);
    if (!filter.transport.empty()) statement.bindAt(2, filter.transport);
    if (filter.failedBefore) statement.bindAt(3, *filter.failedBefore);
    if (filter.failedAfter) statement.bindAt(4, *filter.failedAfter);
}

} // namespace

void LetterRows::put(const DeadLetter& letter)
{
    auto insert = _session.prepare(putSql);
    EnvelopeColumns::bind(insert, 1, letter.envelope);
    insert.bindAt(afterEnvelope + 1, letter.transport);
    insert.bindAt(afterEnvelope + 2, letter.failedAt);
    insert.bindAt(afterEnvelope + 3, textOf(letter.history));
    insert.bindBlobAt(afterEnvelope + 4, letter.raw);
    insert.bindAt(afterEnvelope + 5, letter.replays);
    insert.run();
}

std::optional<DeadLetter> LetterRows::find(const std::string& id)
{
    auto row = _session.prepare(CARILLON_LETTER "WHERE id = ?1 ORDER BY failed_at DESC LIMIT 1").bind(id);
    if (!row.step()) return {};
    return read(row);
}

std::vector<DeadLetter> LetterRows::list(const DeadLetterFilter& filter, std::size_t limit, const std::optional<LetterPosition>& after)
{
    // The parameters are numbered by the largest: the limit and the position come after those of the filter.
    std::string sql = CARILLON_LETTER + conditionsOf(filter);
    if (after) sql += " AND (failed_at, id, type) < (?6, ?7, ?8)";
    sql += " ORDER BY failed_at DESC, id DESC, type DESC LIMIT ?5";

    auto rows = _session.prepare(sql);
    bindConditions(rows, filter);
    rows.bindAt(5, limit);
    if (after)
    {
        rows.bindAt(6, after->failedAt);
        rows.bindAt(7, after->id);
        rows.bindAt(8, after->type);
    }
    std::vector<DeadLetter> letters;
    while (rows.step()) letters.push_back(read(rows));
    return letters;
}

std::uint64_t LetterRows::count(const DeadLetterFilter& filter)
{
    auto row = _session.prepare("SELECT count(*) FROM dead_letters " + conditionsOf(filter));
    bindConditions(row, filter);
    row.step();
    return static_cast<std::uint64_t>(row.integer(0));
}

std::size_t LetterRows::remove(const std::string& id)
{
    _session.prepare("DELETE FROM dead_letters WHERE id = ?1").bind(id).run();
    return static_cast<std::size_t>(_session.changes());
}

std::size_t LetterRows::removeOne(const Envelope& envelope)
{
    _session.prepare("DELETE FROM dead_letters WHERE id = ?1 AND type = ?2").bind(envelope.id, envelope.type).run();
    return static_cast<std::size_t>(_session.changes());
}

std::size_t LetterRows::removeAll(const DeadLetterFilter& filter)
{
    auto remove = _session.prepare("DELETE FROM dead_letters " + conditionsOf(filter));
    bindConditions(remove, filter);
    remove.run();
    return static_cast<std::size_t>(_session.changes());
}

} // namespace carillon::stores::sqlite
