#include "transports/sqlite/Administration.h"

#include "transports/sqlite/ConcurrencyKeys.h"
#include "transports/sqlite/MessageRow.h"
#include "transports/sqlite/Schema.h"

#include <algorithm>

namespace carillon::transports::sqlite
{
namespace
{

using carillon::sqlite::Session;
using carillon::sqlite::Statement;
using carillon::sqlite::Topic;

struct Count
{
    std::uint64_t messages = 0;
    std::optional<TimePoint> oldest;

    void add(Statement&& row)
    {
        row.step();
        messages += static_cast<std::uint64_t>(row.integer(0));
        if (row.isNull(1)) return;
        oldest = oldest ? std::min(*oldest, row.time(1)) : row.time(1);
    }
};

#define CARILLON_QUEUED_COLUMNS "state, ready_at, lease_until, deliveries, " CARILLON_ENVELOPE_COLUMNS

port::QueuedMessage queuedMessage(const Statement& row, const Moment& moment)
{
    using Shown = port::QueuedMessage::State;
    port::QueuedMessage message;
    const auto state = static_cast<State>(row.integer(0));
    const bool isDue = state == State::Scheduled && row.time(1) <= moment.now;
    const bool isLost = state == State::Taken && row.integer(2) <= moment.boot.count();
    if (state == State::Ready || isDue || isLost)
        message.state = Shown::Ready;
    else
        message.state = state == State::Taken ? Shown::Taken : Shown::Scheduled;
    message.deliveries = static_cast<int>(row.integer(3));
    // Damaged headers are told to the one who takes it; an operator sees the rest.
    std::optional<std::string> ignored;
    message.envelope = readEnvelope(row, 4, ignored);
    return message;
}

/// Runs a statement that gives the concurrency keys of the messages that it took away; says how many it took.
std::uint64_t runFreeingKeys(Session& session, Statement&& statement)
{
    std::uint64_t count = 0;
    std::vector<std::string> keys;
    for (; statement.step(); ++count)
        if (!statement.view(0).empty()) keys.push_back(statement.text(0));
    for (const std::string& key : keys) freeKey(session, key);
    return count;
}

} // namespace

port::QueueStats queueStats(Session& session, const Queue& queue, const Moment& moment)
{
    Count ready;
    ready.add(session.prepare("SELECT count(*), min(ready_at) FROM messages WHERE state = 0 AND queue = ?1").bind(queue.id));
    ready.add(session.prepare("SELECT count(*), min(ready_at) FROM messages WHERE state = 1 AND queue = ?1 AND ready_at <= ?2")
                  .bind(queue.id, moment.now));
    ready.add(session.prepare("SELECT count(*), min(ready_at) FROM messages WHERE state = 2 AND queue = ?1 AND lease_until <= ?2")
                  .bind(queue.id, moment.boot));
    Count scheduled;
    scheduled.add(
        session.prepare("SELECT count(*), NULL FROM messages WHERE state = 1 AND queue = ?1 AND ready_at > ?2").bind(queue.id, moment.now));
    scheduled.add(session.prepare("SELECT count(*), NULL FROM messages WHERE state = 3 AND queue = ?1").bind(queue.id));
    Count taken;
    taken.add(session.prepare("SELECT count(*), NULL FROM messages WHERE state = 2 AND queue = ?1 AND lease_until > ?2")
                  .bind(queue.id, moment.boot));

    auto paused = session.prepare("SELECT paused FROM queues WHERE id = ?1").bind(queue.id);
    const bool isPaused = paused.step() && paused.integer(0) != 0;
    return {queue.name, ready.messages, scheduled.messages, taken.messages, ready.oldest, isPaused};
}

std::vector<port::QueuedMessage> inspectQueue(Session& session, const Queue& queue, const Moment& moment, std::size_t limit,
                                              const std::string& afterId)
{
    std::vector<port::QueuedMessage> messages;
    auto rows = session.prepare("SELECT " CARILLON_QUEUED_COLUMNS " FROM messages WHERE queue = ?1 AND id > ?2 ORDER BY id, type LIMIT ?3")
                    .bind(queue.id, afterId, limit);
    while (rows.step()) messages.push_back(queuedMessage(rows, moment));
    return messages;
}

std::optional<port::QueuedMessage> findMessage(Session& session, std::span<const Queue> queues, const Moment& moment, const std::string& id)
{
    for (const Queue& queue : queues)
    {
        auto row = session.prepare("SELECT " CARILLON_QUEUED_COLUMNS " FROM messages WHERE queue = ?1 AND id = ?2 ORDER BY type LIMIT 1")
                       .bind(queue.id, id);
        if (row.step()) return queuedMessage(row, moment);
    }
    return {};
}

void setQueuePaused(Session& session, const Queue& queue, bool paused)
{
    session.prepare("UPDATE queues SET paused = ?2 WHERE id = ?1").bind(queue.id, paused).run();
    if (!paused) session.announce(Topic::Messages);
}

std::uint64_t purgeSome(Session& session, const Queue& queue, std::int64_t endSequence, std::size_t limit)
{
    session
        .prepare("DELETE FROM messages WHERE sequence IN "
                 "(SELECT sequence FROM messages WHERE queue = ?1 AND state <> 2 AND sequence < ?2 LIMIT ?3)")
        .bind(queue.id, endSequence, limit)
        .run();
    const auto removed = static_cast<std::uint64_t>(session.changes());
    // One that was set aside for a ready one, now gone, would be forgotten; taking sorts them out again.
    session.prepare("UPDATE messages SET state = 0 WHERE state = 3 AND queue = ?1").bind(queue.id).run();
    if (session.changes() > 0) session.announce(Topic::Messages);
    return removed;
}

std::int64_t endOfSequences(Session& session)
{
    auto row = session.prepare("SELECT max(sequence) FROM messages");
    row.step();
    return row.integer(0) + 1;
}

bool cancelMessage(Session& session, std::span<const Queue> queues, const std::string& id)
{
    std::uint64_t count = 0;
    for (const Queue& queue : queues)
        count += runFreeingKeys(
            session, session.prepare("DELETE FROM messages WHERE queue = ?1 AND id = ?2 AND state <> 2 RETURNING concurrency_key")
                         .bind(queue.id, id));
    return count > 0;
}

bool rescheduleMessage(Session& session, std::span<const Queue> queues, const std::string& id, TimePoint dueAt)
{
    std::uint64_t count = 0;
    for (const Queue& queue : queues)
        count += runFreeingKeys(session, session
                                             .prepare("UPDATE messages SET state = 1, ready_at = ?3, due_at = ?3 "
                                                      "WHERE queue = ?1 AND id = ?2 AND state <> 2 RETURNING concurrency_key")
                                             .bind(queue.id, id, dueAt));
    if (count > 0) session.announce(Topic::Messages);
    return count > 0;
}

} // namespace carillon::transports::sqlite
