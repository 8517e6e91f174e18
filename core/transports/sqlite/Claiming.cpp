#include "transports/sqlite/Claiming.h"

#include "transports/sqlite/ConcurrencyKeys.h"
#include "transports/sqlite/MessageRow.h"

#include <algorithm>

namespace carillon::transports::sqlite
{
namespace
{

using carillon::sqlite::Session;

/// So many rows are moved aside or brought back in one transaction at most, so that it stays short when thousands come due together.
constexpr std::size_t largestStep = 1000;

/// What there is to do in a queue before taking from it, asked in one statement because most often there is nothing.
struct Chores
{
    bool isPaused = false;
    bool isAnyDue = false;
    bool isAnyExpired = false;
};

Chores choresOf(Session& session, std::int64_t queue, const ClaimTimes& times)
{
    auto row = session
                   .prepare("SELECT paused, EXISTS(SELECT 1 FROM messages WHERE state = 1 AND queue = ?1 AND ready_at <= ?2), "
                            "EXISTS(SELECT 1 FROM messages WHERE state = 2 AND queue = ?1 AND lease_until <= ?3) FROM queues WHERE id = ?1")
                   .bind(queue, times.now, times.boot);
    row.step();
    return {row.integer(0) != 0, row.integer(1) != 0, row.integer(2) != 0};
}

void bringBackDue(Session& session, std::int64_t queue, TimePoint now)
{
    session
        .prepare("UPDATE messages SET state = 0 WHERE sequence IN "
                 "(SELECT sequence FROM messages WHERE state = 1 AND queue = ?1 AND ready_at <= ?2 ORDER BY ready_at LIMIT ?3)")
        .bind(queue, now, largestStep)
        .run();
}

void bringBackExpired(Session& session, std::int64_t queue, std::chrono::milliseconds boot)
{
    std::vector<std::string> keys;
    {
        auto expired =
            session
                .prepare(
                    "UPDATE messages SET state = 0, redelivered = 1, lease_token = 0, lease_until = 0 WHERE sequence IN "
                    "(SELECT sequence FROM messages WHERE state = 2 AND queue = ?1 AND lease_until <= ?2 ORDER BY lease_until LIMIT ?3) "
                    "RETURNING concurrency_key")
                .bind(queue, boot, largestStep);
        while (expired.step())
            if (!expired.view(0).empty()) keys.push_back(expired.text(0));
    }
    for (const std::string& key : keys) freeKey(session, key);
}

std::vector<ClaimedMessage> readyMessages(Session& session, const Queue& queue, std::size_t limit)
{
    std::vector<ClaimedMessage> ready;
    auto rows = session
                    .prepare("SELECT sequence, deliveries, redelivered, " CARILLON_ENVELOPE_COLUMNS
                             " FROM messages WHERE state = 0 AND queue = ?1 ORDER BY priority DESC, ready_at, sequence LIMIT ?2")
                    .bind(queue.id, limit);
    while (rows.step())
    {
        ClaimedMessage& message = ready.emplace_back();
        message.sequence = rows.integer(0);
        message.delivery.deliveries = static_cast<int>(rows.integer(1)) + 1;
        message.delivery.redelivered = rows.integer(2) != 0;
        message.delivery.envelope = readEnvelope(rows, 3, message.delivery.decodeError);
        if (message.delivery.decodeError) message.delivery.raw = message.delivery.envelope.body;
        message.delivery.queue = queue.name;
    }
    return ready;
}

/// Takes from one queue what its limit and the concurrency keys allow.
void claimFrom(Session& session, const Queue& queue, std::size_t limit, const ClaimTimes& times, std::uint64_t& token,
               std::vector<ClaimedMessage>& claimed)
{
    std::size_t setAside = 0;
    while (claimed.size() < limit && setAside < largestStep)
    {
        auto ready = readyMessages(session, queue, limit - claimed.size());
        if (ready.empty()) return;
        const std::size_t setAsideBefore = setAside;
        for (ClaimedMessage& message : ready)
        {
            const std::string& key = message.delivery.envelope.concurrencyKey;
            if (!key.empty() && isKeyTaken(session, key))
            {
                block(session, message.sequence);
                ++setAside;
                continue;
            }
            message.delivery.handle = token++;
            session
                .prepare(
                    "UPDATE messages SET state = 2, lease_token = ?2, lease_until = ?3, deliveries = deliveries + 1 WHERE sequence = ?1")
                .bind(message.sequence, message.delivery.handle, times.leaseUntil)
                .run();
            claimed.push_back(std::move(message));
        }
        if (setAside == setAsideBefore) return;
    }
}

/// When this queue may have something without anybody saying so: its next due time or the next end of a lease.
void shortenToNext(Session& session, std::int64_t queue, const ClaimTimes& times, std::optional<std::chrono::milliseconds>& idleFor)
{
    const auto shorten = [&](std::chrono::milliseconds wait)
    {
        wait = std::max(wait, std::chrono::milliseconds(0));
        idleFor = idleFor ? std::min(*idleFor, wait) : wait;
    };
    auto due = session.prepare("SELECT ready_at FROM messages WHERE state = 1 AND queue = ?1 ORDER BY ready_at LIMIT 1").bind(queue);
    if (due.step()) shorten(due.time(0) - times.now);
    auto lease =
        session.prepare("SELECT lease_until FROM messages WHERE state = 2 AND queue = ?1 ORDER BY lease_until LIMIT 1").bind(queue);
    if (lease.step()) shorten(std::chrono::milliseconds(lease.integer(0)) - times.boot);
    // A step's limit left some for the next round.
    auto ready = session.prepare("SELECT 1 FROM messages WHERE state = 0 AND queue = ?1 LIMIT 1").bind(queue);
    if (ready.step()) shorten(std::chrono::milliseconds(0));
}

} // namespace

Claim claimMessages(Session& session, std::span<const Queue> queues, std::size_t limit, const ClaimTimes& times, std::uint64_t token)
{
    Claim claim;
    std::vector<std::int64_t> open;
    for (const Queue& queue : queues)
    {
        const Chores chores = choresOf(session, queue.id, times);
        if (chores.isPaused) continue;
        open.push_back(queue.id);
        if (chores.isAnyDue) bringBackDue(session, queue.id, times.now);
        if (chores.isAnyExpired) bringBackExpired(session, queue.id, times.boot);
        claimFrom(session, queue, limit, times, token, claim.messages);
        if (claim.messages.size() == limit) break;
    }
    if (!claim.messages.empty()) return claim;
    for (const std::int64_t queue : open) shortenToNext(session, queue, times, claim.idleFor);
    return claim;
}

void endLeasesOfOtherBoots(Session& session, const std::string& bootId)
{
    {
        auto known = session.prepare("SELECT boot_id FROM transport_boot");
        if (known.step() && known.view(0) == bootId) return;
    }
    // No key is taken now, so all that were set aside may come forward; taking sorts them out again.
    session.execute("UPDATE messages SET state = 0, redelivered = 1, lease_token = 0, lease_until = 0 WHERE state = 2;"
                    "UPDATE messages SET state = 0 WHERE state = 3;");
    session.prepare("INSERT INTO transport_boot(only_row, boot_id) VALUES(1, ?1) ON CONFLICT DO UPDATE SET boot_id = excluded.boot_id")
        .bind(bootId)
        .run();
    session.announce(carillon::sqlite::Topic::Messages);
}

} // namespace carillon::transports::sqlite
