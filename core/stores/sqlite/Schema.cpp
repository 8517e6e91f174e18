#include "stores/sqlite/Schema.h"

#include "stores/sqlite/EnvelopeColumns.h"

#include <array>

namespace carillon::stores::sqlite
{
namespace
{

/// Times are milliseconds since 1970 (UTC) but for `claimed_until` and a lease's `ends_at`, which are the boot clock's of that boot id.
/// AUTOINCREMENT where a number names a row to a late caller: a number used again would have it delete another's row.
std::string firstStep()
{
    const std::string envelope(EnvelopeColumns::definition);
    return R"(
CREATE TABLE inbox(
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    decided INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    reopened INTEGER NOT NULL DEFAULT 0,
    replays INTEGER NOT NULL DEFAULT 0,
    history TEXT,
    PRIMARY KEY(id, type)) STRICT, WITHOUT ROWID;
CREATE INDEX inbox_final ON inbox(decided_at) WHERE decided NOT IN (1, 2) AND reopened = 0;

CREATE TABLE outbox(
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    transport TEXT NOT NULL,
    origin_id TEXT,
    origin_type TEXT,
    claimed_until INTEGER,
    claimed_boot TEXT,)" +
           envelope + R"() STRICT;
CREATE INDEX outbox_origin ON outbox(origin_id, origin_type);

CREATE TABLE tallies(
    type TEXT NOT NULL,
    decided INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY(type, decided)) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters()" +
           envelope + R"(,
    transport TEXT NOT NULL,
    failed_at INTEGER NOT NULL,
    history TEXT NOT NULL,
    raw BLOB NOT NULL,
    replays INTEGER NOT NULL,
    PRIMARY KEY(id, type)) STRICT;
CREATE INDEX dead_letters_latest ON dead_letters(failed_at, id, type);
CREATE INDEX dead_letters_of_type ON dead_letters(type, failed_at, id);

CREATE TABLE delays(
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    transport TEXT NOT NULL,
    claimed_until INTEGER,
    claimed_boot TEXT,)" +
           envelope + R"(,
    UNIQUE(id, type)) STRICT;
CREATE INDEX delays_due ON delays(due_at, sequence);
CREATE INDEX delays_of_transport ON delays(transport);

CREATE TABLE permits(
    message_id TEXT NOT NULL,
    key TEXT NOT NULL,
    state INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kept_at INTEGER,
    PRIMARY KEY(message_id, key)) STRICT, WITHOUT ROWID;
CREATE INDEX permits_of_key ON permits(key, state, at);
CREATE INDEX permits_by_age ON permits(at);

CREATE TABLE leases(
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    token INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    boot TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE pushes(
    message_id TEXT NOT NULL,
    address_hash TEXT NOT NULL,
    state INTEGER NOT NULL,
    sends INTEGER NOT NULL,
    unknowns INTEGER NOT NULL,
    provider_message_id TEXT NOT NULL,
    code TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY(message_id, address_hash)) STRICT, WITHOUT ROWID;
CREATE INDEX pushes_by_age ON pushes(at);

CREATE TABLE notifications(
    id TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    data TEXT NOT NULL,
    service TEXT NOT NULL,
    status TEXT NOT NULL,
    sent_at INTEGER,
    created_at INTEGER NOT NULL,
    read_at INTEGER,
    version INTEGER NOT NULL) STRICT;

CREATE TABLE users(user_id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE devices(
    value TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    platform TEXT NOT NULL,
    application TEXT NOT NULL,
    registered_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX devices_of_user ON devices(user_id, registered_at);
CREATE TABLE device_tombstones(
    address_hash TEXT PRIMARY KEY NOT NULL,
    reason TEXT NOT NULL,
    removed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)";
}

} // namespace

std::span<const carillon::sqlite::Migration> schemaSteps()
{
    static const std::array<carillon::sqlite::Migration, 1> steps{{{1, 1, firstStep()}}};
    return steps;
}

} // namespace carillon::stores::sqlite
