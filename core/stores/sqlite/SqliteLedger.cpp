#include "stores/sqlite/SqliteLedger.h"

#include "stores/sqlite/DecisionRun.h"
#include "stores/sqlite/Inbox.h"
#include "stores/sqlite/Outbox.h"

namespace carillon::stores::sqlite
{

using carillon::sqlite::Session;

std::vector<port::DecisionResult> SqliteLedger::decide(std::span<const port::Decision> decisions, const Within& within)
{
    if (decisions.empty()) return {};
    DecisionRun::requireValid(decisions);
    const TimePoint now = _clock.now();
    return _database.write([&](Session& session) { return DecisionRun(session, within, now).run(decisions); });
}

void SqliteLedger::commit(const UnitOfWork& work, std::span<const port::OutboxMessage> outbox,
                          const std::function<void(StoreSession&)>& within)
{
    // New work is refused while there is still room to settle what runs.
    if (!outbox.empty() || within) _database.requireSpace();
    _database.write(
        [&](Session& session)
        {
            for (const auto& write : work.writes()) write(session);
            Outbox(session).add(outbox, nullptr);
            if (within) within(session);
        });
}

std::vector<std::optional<port::InboxRow>> SqliteLedger::lookUp(std::span<const port::MessageKey> keys)
{
    if (keys.empty()) return {};
    // One reading transaction and one prepared statement for all: in this process a row costs microseconds, building SQL for many more.
    return _database.read(
        [&](Session& session)
        {
            std::vector<std::optional<port::InboxRow>> rows;
            rows.reserve(keys.size());
            Inbox inbox(session);
            for (const auto& key : keys) rows.push_back(inbox.find(key));
            return rows;
        });
}

std::vector<port::OutboxMessage> SqliteLedger::claimOutbox(std::size_t limit, std::chrono::milliseconds claimFor)
{
    // An empty outbox is the usual case: a look costs the writers nothing.
    if (!_database.read([&](Session& session) { return Outbox(session).hasFree(_bootClock); })) return {};
    return _database.write([&](Session& session) { return Outbox(session).claim(limit, claimFor, _bootClock); });
}

std::vector<port::OutboxMessage> SqliteLedger::outboxOf(const port::MessageKey& key)
{
    return _database.read([&](Session& session) { return Outbox(session).of(key); });
}

void SqliteLedger::markPublished(std::span<const std::int64_t> sequences)
{
    if (sequences.empty()) return;
    _database.write([&](Session& session) { Outbox(session).remove(sequences); });
}

std::uint64_t SqliteLedger::outboxSize()
{
    return _database.read([](Session& session) { return Outbox(session).size(); });
}

port::Tallies SqliteLedger::tallies()
{
    return _database.read(
        [](Session& session)
        {
            port::Tallies tallies;
            auto rows = session.prepare("SELECT type, decided, count FROM tallies");
            while (rows.step())
                tallies[rows.text(0)][static_cast<port::Decided>(rows.integer(1))] = static_cast<std::uint64_t>(rows.integer(2));
            return tallies;
        });
}

std::size_t SqliteLedger::sweep(TimePoint before, std::size_t limit)
{
    return _database.write([&](Session& session) { return Inbox(session).sweep(before, limit); });
}

} // namespace carillon::stores::sqlite
