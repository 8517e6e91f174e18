#include "transports/sqlite/ConcurrencyKeys.h"

namespace carillon::transports::sqlite
{

bool isKeyTaken(carillon::sqlite::Session& session, const std::string& key)
{
    return session.prepare("SELECT 1 FROM messages WHERE state = 2 AND concurrency_key <> '' AND concurrency_key = ?1 LIMIT 1")
        .bind(key)
        .step();
}

void block(carillon::sqlite::Session& session, std::int64_t sequence)
{
    session.prepare("UPDATE messages SET state = 3 WHERE sequence = ?1").bind(sequence).run();
}

void freeKey(carillon::sqlite::Session& session, const std::string& key)
{
    if (key.empty()) return;
    session
        .prepare("UPDATE messages SET state = 0 WHERE sequence IN "
                 "(SELECT (SELECT sequence FROM messages WHERE state = 3 AND concurrency_key = ?1 AND queue = queues.id "
                 "ORDER BY priority DESC, ready_at LIMIT 1) FROM queues)")
        .bind(key)
        .run();
    if (session.changes() > 0) session.announce(carillon::sqlite::Topic::Messages);
}

} // namespace carillon::transports::sqlite
