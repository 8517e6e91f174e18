#pragma once

#include "carillon/Envelope.h"
#include "sqlite/Statement.h"

#include <string_view>

namespace carillon::stores::sqlite
{

/// An envelope as columns of a table: the same ones wherever the store keeps a whole message (outbox, delays, dead letters).
struct EnvelopeColumns
{
    static constexpr int count = 15;

    static constexpr std::string_view definition = R"(
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    headers TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    due_at INTEGER,
    expires_at INTEGER,
    trace_parent TEXT NOT NULL,
    dedupe_key TEXT NOT NULL,
    concurrency_key TEXT NOT NULL,
    service TEXT NOT NULL)";

/// For SQL text, put together by the compiler: the columns in their order.
#define CARILLON_ENVELOPE_COLUMNS                                                                                                          \
    "id, type, version, body, headers, attempt, turn, priority, published_at, due_at, expires_at, trace_parent, dedupe_key, "              \
    "concurrency_key, service"

    /// Binds all of them from parameter `first` on.
    static void bind(carillon::sqlite::Statement& statement, int first, const Envelope& envelope);
    /// Reads all of them from column `first` on.
    static Envelope read(const carillon::sqlite::Statement& statement, int first);
};

} // namespace carillon::stores::sqlite
