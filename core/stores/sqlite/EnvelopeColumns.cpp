#include "stores/sqlite/EnvelopeColumns.h"

#include "stores/sqlite/HistoryText.h"

namespace carillon::stores::sqlite
{

void EnvelopeColumns::bind(carillon::sqlite::Statement& statement, int first, const Envelope& envelope)
{
    int column = first;
    statement.bindAt(column++, envelope.id);
    statement.bindAt(column++, envelope.type);
    statement.bindAt(column++, envelope.version);
    statement.bindAt(column++, envelope.body);
    statement.bindAt(column++, envelope.headers.empty() ? std::string() : textOf(envelope.headers));
    statement.bindAt(column++, envelope.attempt);
    statement.bindAt(column++, envelope.turn);
    statement.bindAt(column++, envelope.priority);
    statement.bindAt(column++, envelope.publishedAt);
    statement.bindAt(column++, envelope.dueAt);
    statement.bindAt(column++, envelope.expiresAt);
    statement.bindAt(column++, envelope.traceParent);
    statement.bindAt(column++, envelope.dedupeKey);
    statement.bindAt(column++, envelope.concurrencyKey);
    statement.bindAt(column++, envelope.service);
}

Envelope EnvelopeColumns::read(const carillon::sqlite::Statement& statement, int first)
{
    int column = first;
    Envelope envelope;
    envelope.id = statement.text(column++);
    envelope.type = statement.text(column++);
    envelope.version = static_cast<int>(statement.integer(column++));
    envelope.body = statement.text(column++);
    envelope.headers = headersFrom(statement.view(column++));
    envelope.attempt = static_cast<int>(statement.integer(column++));
    envelope.turn = static_cast<int>(statement.integer(column++));
    envelope.priority = static_cast<int>(statement.integer(column++));
    envelope.publishedAt = statement.time(column++);
    envelope.dueAt = statement.optionalTime(column++);
    envelope.expiresAt = statement.optionalTime(column++);
    envelope.traceParent = statement.text(column++);
    envelope.dedupeKey = statement.text(column++);
    envelope.concurrencyKey = statement.text(column++);
    envelope.service = statement.text(column++);
    return envelope;
}

} // namespace carillon::stores::sqlite
