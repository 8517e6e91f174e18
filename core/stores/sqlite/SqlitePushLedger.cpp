#include "stores/sqlite/SqlitePushLedger.h"

namespace carillon::stores::sqlite
{
namespace
{

using carillon::sqlite::Session;
using port::PushRecord;
using port::PushState;

// The numbers are in the file; never renumbered.
static_assert(static_cast<int>(PushState::Intent) == 0 && static_cast<int>(PushState::Accepted) == 1 &&
              static_cast<int>(PushState::Failed) == 2 && static_cast<int>(PushState::Unknown) == 3 &&
              static_cast<int>(PushState::Open) == 4);

void writeAll(Session& session, std::span<const PushRecord> records)
{
    auto write =
        session.prepare("INSERT INTO pushes(message_id, address_hash, state, sends, unknowns, provider_message_id, code, at) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(message_id, address_hash) DO UPDATE SET "
                        "state = excluded.state, sends = excluded.sends, unknowns = excluded.unknowns, "
                        "provider_message_id = excluded.provider_message_id, code = excluded.code, at = excluded.at "
                        "WHERE NOT (excluded.state = 0 AND pushes.state = 1)");
    for (const PushRecord& record : records)
        write
            .bind(record.messageId, record.addressHash, static_cast<int>(record.state), record.sends, record.unknowns,
                  record.providerMessageId, record.code, record.at)
            .run();
}

} // namespace

std::map<std::string, std::vector<PushRecord>> SqlitePushLedger::recordsOf(std::span<const std::string> messageIds)
{
    if (messageIds.empty()) return {};
    return _database.read(
        [&](Session& session)
        {
            std::map<std::string, std::vector<PushRecord>> records;
            auto rows = session.prepare(
                "SELECT address_hash, state, sends, unknowns, provider_message_id, code, at FROM pushes WHERE message_id = ?1");
            for (const auto& messageId : messageIds)
            {
                if (records.contains(messageId)) continue;
                rows.bind(messageId);
                while (rows.step())
                    records[messageId].push_back({messageId, rows.text(0), static_cast<PushState>(rows.integer(1)),
                                                  static_cast<int>(rows.integer(2)), static_cast<int>(rows.integer(3)), rows.text(4),
                                                  rows.text(5), rows.time(6)});
                rows.reset();
            }
            return records;
        });
}

void SqlitePushLedger::write(std::span<const PushRecord> records)
{
    if (records.empty()) return;
    _database.write([&](Session& session) { writeAll(session, records); });
}

void SqlitePushLedger::stageWrite(UnitOfWork& work, std::vector<PushRecord> records)
{
    work.stage([this, kept = std::move(records)](StoreSession& session) { writeAll(Session::of(session, _database), kept); });
}

std::size_t SqlitePushLedger::sweep(TimePoint before, std::size_t limit)
{
    return _database.write(
        [&](Session& session)
        {
            session
                .prepare(
                    "DELETE FROM pushes WHERE (message_id, address_hash) IN (SELECT message_id, address_hash FROM pushes WHERE at < ?1 "
                    "ORDER BY at LIMIT ?2)")
                .bind(before, limit)
                .run();
            return static_cast<std::size_t>(session.changes());
        });
}

} // namespace carillon::stores::sqlite
