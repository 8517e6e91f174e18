#pragma once

#include "carillon/Envelope.h"
#include "sqlite/Statement.h"

#include <optional>
#include <string>

namespace carillon::transports::sqlite
{

/// The envelope's columns, in the order that readEnvelope() expects and bindEnvelope() binds (?1 and on).
#define CARILLON_ENVELOPE_COLUMNS                                                                                                          \
    "id, type, version, attempt, turn, priority, published_at, due_at, expires_at, trace_parent, dedupe_key, concurrency_key, service, "   \
    "headers, body"
constexpr int envelopeColumnCount = 15;

void bindEnvelope(carillon::sqlite::Statement& statement, const Envelope& envelope);

/// The envelope from column `first` on. `error` says what cannot be decoded, if anything; the rest is there nevertheless.
Envelope readEnvelope(const carillon::sqlite::Statement& row, int first, std::optional<std::string>& error);

} // namespace carillon::transports::sqlite
