#include "transports/sqlite/MessageRow.h"

#include "transports/sqlite/HeaderCodec.h"

namespace carillon::transports::sqlite
{

void bindEnvelope(carillon::sqlite::Statement& statement, const Envelope& envelope)
{
    statement.bind(envelope.id, envelope.type, envelope.version, envelope.attempt, envelope.turn, envelope.priority, envelope.publishedAt,
                   envelope.dueAt, envelope.expiresAt, envelope.traceParent, envelope.dedupeKey, envelope.concurrencyKey, envelope.service);
    statement.bindBlobAt(14, encodeHeaders(envelope.headers));
    statement.bindAt(15, envelope.body);
}

Envelope readEnvelope(const carillon::sqlite::Statement& row, int first, std::optional<std::string>& error)
{
    Envelope envelope;
    envelope.id = row.text(first);
    envelope.type = row.text(first + 1);
    envelope.version = static_cast<int>(row.integer(first + 2));
    envelope.attempt = static_cast<int>(row.integer(first + 3));
    envelope.turn = static_cast<int>(row.integer(first + 4));
    envelope.priority = static_cast<int>(row.integer(first + 5));
    envelope.publishedAt = row.time(first + 6);
    envelope.dueAt = row.optionalTime(first + 7);
    envelope.expiresAt = row.optionalTime(first + 8);
    envelope.traceParent = row.text(first + 9);
    envelope.dedupeKey = row.text(first + 10);
    envelope.concurrencyKey = row.text(first + 11);
    envelope.service = row.text(first + 12);
    if (auto headers = decodeHeaders(row.view(first + 13)))
        envelope.headers = std::move(*headers);
    else
        error = "the headers of the stored message are damaged";
    envelope.body = row.text(first + 14);
    return envelope;
}

} // namespace carillon::transports::sqlite
