#include "transports/sqlite/Schema.h"

#include <array>

namespace carillon::transports::sqlite
{

std::span<const carillon::sqlite::Migration> schemaSteps()
{
    // ready_at: since when a message may be taken; with the sequence it is the order of age. due_at is the publisher's, kept for the
    // envelope. Absent texts are '', absent times NULL. State 0 ready, 1 scheduled, 2 taken, 3 blocked by its concurrency key. Each state
    // has an index of its own rows only: a claim touches as many entries as it takes, whatever the depth of the queue. The constant state
    // is in them all the same: without it SQLite would look every counted row up in the table.
    static const std::array<carillon::sqlite::Migration, 1> steps{{{1, 1, R"sql(
        CREATE TABLE queues(
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            paused INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE messages(
            sequence INTEGER PRIMARY KEY,
            queue INTEGER NOT NULL REFERENCES queues(id),
            state INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            ready_at INTEGER NOT NULL,
            lease_token INTEGER NOT NULL DEFAULT 0,
            lease_until INTEGER NOT NULL DEFAULT 0,
            deliveries INTEGER NOT NULL DEFAULT 0,
            redelivered INTEGER NOT NULL DEFAULT 0,
            attempt INTEGER NOT NULL,
            turn INTEGER NOT NULL,
            id TEXT NOT NULL,
            type TEXT NOT NULL,
            version INTEGER NOT NULL,
            published_at INTEGER NOT NULL,
            due_at INTEGER,
            expires_at INTEGER,
            trace_parent TEXT NOT NULL,
            dedupe_key TEXT NOT NULL,
            concurrency_key TEXT NOT NULL,
            service TEXT NOT NULL,
            headers BLOB NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX messages_id ON messages(queue, id, type);
        CREATE UNIQUE INDEX messages_dedupe ON messages(queue, dedupe_key) WHERE dedupe_key <> '';
        CREATE INDEX messages_ready ON messages(state, queue, priority DESC, ready_at) WHERE state = 0;
        CREATE INDEX messages_scheduled ON messages(state, queue, ready_at) WHERE state = 1;
        CREATE INDEX messages_taken ON messages(state, queue, lease_until) WHERE state = 2;
        CREATE INDEX messages_taken_key ON messages(state, concurrency_key) WHERE state = 2 AND concurrency_key <> '';
        CREATE INDEX messages_blocked ON messages(state, concurrency_key, queue, priority DESC, ready_at) WHERE state = 3;
        CREATE TABLE transport_boot(
            only_row INTEGER PRIMARY KEY CHECK(only_row = 1),
            boot_id TEXT NOT NULL
        ) STRICT;
    )sql"}}};
    return steps;
}

} // namespace carillon::transports::sqlite
