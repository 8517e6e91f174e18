#include "stores/sqlite/Outbox.h"

#include "stores/sqlite/EnvelopeColumns.h"

namespace carillon::stores::sqlite
{
namespace
{

constexpr const char* addSql = "INSERT INTO outbox(transport, origin_id, origin_type, " CARILLON_ENVELOPE_COLUMNS
                               ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

constexpr const char* ofSql =
    "SELECT sequence, transport, " CARILLON_ENVELOPE_COLUMNS " FROM outbox WHERE origin_id = ?1 AND origin_type = ?2 ORDER BY sequence";

#define CARILLON_FREE_TO_CLAIM "(claimed_until IS NULL OR claimed_until <= ?1 OR claimed_boot <> ?2)"

constexpr const char* hasFreeSql = "SELECT EXISTS(SELECT 1 FROM outbox WHERE " CARILLON_FREE_TO_CLAIM ")";

constexpr const char* freeSql =
    "SELECT sequence, transport, " CARILLON_ENVELOPE_COLUMNS " FROM outbox WHERE " CARILLON_FREE_TO_CLAIM " ORDER BY sequence LIMIT ?3";

std::vector<port::OutboxMessage> readAll(carillon::sqlite::Statement& rows)
{
    std::vector<port::OutboxMessage> messages;
    while (rows.step()) messages.push_back({rows.integer(0), rows.text(1), EnvelopeColumns::read(rows, 2)});
    return messages;
}

} // namespace

void Outbox::add(std::span<const port::OutboxMessage> messages, const Envelope* origin)
{
    if (messages.empty()) return;
    auto insert = _session.prepare(addSql);
    for (const auto& message : messages)
    {
        insert.bindAt(1, message.transport);
        if (origin)
        {
            insert.bindAt(2, origin->id);
            insert.bindAt(3, origin->type);
        }
        EnvelopeColumns::bind(insert, 4, message.envelope);
        insert.run();
    }
    _session.announce(carillon::sqlite::Topic::Outbox);
}

std::vector<port::OutboxMessage> Outbox::of(const port::MessageKey& origin)
{
    auto rows = _session.prepare(ofSql).bind(origin.id, origin.type);
    return readAll(rows);
}

bool Outbox::hasFree(const carillon::sqlite::BootClock& clock)
{
    auto row = _session.prepare(hasFreeSql).bind(clock.now(), clock.bootId());
    return row.step() && row.integer(0) != 0;
}

std::vector<port::OutboxMessage> Outbox::claim(std::size_t limit, std::chrono::milliseconds claimFor,
                                               const carillon::sqlite::BootClock& clock)
{
    std::vector<port::OutboxMessage> messages;
    {
        auto rows = _session.prepare(freeSql).bind(clock.now(), clock.bootId(), limit);
        messages = readAll(rows);
    }
    auto claim = _session.prepare("UPDATE outbox SET claimed_until = ?2, claimed_boot = ?3 WHERE sequence = ?1");
    for (const auto& message : messages) claim.bind(message.sequence, clock.now() + claimFor, clock.bootId()).run();
    return messages;
}

void Outbox::remove(std::span<const std::int64_t> sequences)
{
    auto remove = _session.prepare("DELETE FROM outbox WHERE sequence = ?1");
    for (const std::int64_t sequence : sequences) remove.bind(sequence).run();
}

std::uint64_t Outbox::size()
{
    auto row = _session.prepare("SELECT count(*) FROM outbox");
    row.step();
    return static_cast<std::uint64_t>(row.integer(0));
}

} // namespace carillon::stores::sqlite
