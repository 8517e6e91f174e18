#include "transports/sqlite/Settling.h"

#include "transports/sqlite/ConcurrencyKeys.h"

namespace carillon::transports::sqlite
{
namespace
{

using carillon::sqlite::Session;
using carillon::sqlite::Topic;
using Kind = port::Settlement::Kind;

/// Every change of a taken message names its lease: another's lease is never touched.
bool apply(Session& session, const LeasedMessage& message, const port::Settlement& settlement)
{
    switch (settlement.kind)
    {
    case Kind::Remove:
        session.prepare("DELETE FROM messages WHERE sequence = ?1 AND lease_token = ?2 AND state = 2")
            .bind(message.sequence, message.token)
            .run();
        break;
    case Kind::Later:
        session
            .prepare("UPDATE messages SET state = 1, ready_at = ?3, due_at = ?3, attempt = ?4, turn = ?5, redelivered = 0, lease_token = "
                     "0, lease_until = 0 "
                     "WHERE sequence = ?1 AND lease_token = ?2 AND state = 2")
            .bind(message.sequence, message.token, settlement.dueAt, settlement.attempt, settlement.turn)
            .run();
        break;
    case Kind::Return:
        session
            .prepare("UPDATE messages SET state = 0, deliveries = deliveries - 1, lease_token = 0, lease_until = 0 "
                     "WHERE sequence = ?1 AND lease_token = ?2 AND state = 2")
            .bind(message.sequence, message.token)
            .run();
        break;
    }
    return session.changes() == 1;
}

} // namespace

bool settleMessage(Session& session, const LeasedMessage& message, const port::Settlement& settlement)
{
    if (!apply(session, message, settlement)) return false;
    if (settlement.kind != Kind::Remove) session.announce(Topic::Messages);
    freeKey(session, message.concurrencyKey);
    return true;
}

void abandonMessage(Session& session, const LeasedMessage& message)
{
    session
        .prepare("UPDATE messages SET state = 0, redelivered = 1, lease_token = 0, lease_until = 0 "
                 "WHERE sequence = ?1 AND lease_token = ?2 AND state = 2")
        .bind(message.sequence, message.token)
        .run();
    if (session.changes() == 0) return;
    session.announce(Topic::Messages);
    freeKey(session, message.concurrencyKey);
}

bool renewLease(Session& session, const LeasedMessage& message, std::chrono::milliseconds leaseUntil)
{
    session.prepare("UPDATE messages SET lease_until = ?3 WHERE sequence = ?1 AND lease_token = ?2 AND state = 2")
        .bind(message.sequence, message.token, leaseUntil)
        .run();
    return session.changes() == 1;
}

} // namespace carillon::transports::sqlite
