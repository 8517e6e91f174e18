#include "transports/sqlite/Publishing.h"

#include "carillon/Errors.h"
#include "transports/sqlite/MessageRow.h"
#include "transports/sqlite/Schema.h"

#include <fmt/format.h>

namespace carillon::transports::sqlite
{
namespace
{

using Status = port::PublishResult::Status;

std::string reasonToRefuse(const PublishTarget& target, const Envelope& envelope)
{
    if (envelope.id.empty()) return "the message has no id";
    if (envelope.type.empty()) return "the message has no type";
    if (envelope.body.size() > target.maxBody)
        return fmt::format("the body has {} bytes, transport '{}' takes {} at most (transports.{}.max_body)", envelope.body.size(),
                           target.transport, target.maxBody, target.transport);
    return {};
}

/// The message that is in the way of this one.
std::string firstId(carillon::sqlite::Session& session, const PublishTarget& target, const Envelope& envelope)
{
    auto same =
        session.prepare("SELECT 1 FROM messages WHERE queue = ?1 AND id = ?2 AND type = ?3").bind(target.queue, envelope.id, envelope.type);
    if (same.step()) return envelope.id;
    auto first = session.prepare("SELECT id FROM messages WHERE queue = ?1 AND dedupe_key <> '' AND dedupe_key = ?2")
                     .bind(target.queue, envelope.dedupeKey);
    if (!first.step())
        throw StoreError("transport '" + target.transport +
                         "': a message was taken for a duplicate of none; check the database's integrity");
    return first.text(0);
}

} // namespace

port::PublishResult insertMessage(carillon::sqlite::Session& session, const PublishTarget& target, const Envelope& envelope, TimePoint now)
{
    if (auto reason = reasonToRefuse(target, envelope); !reason.empty()) return {Status::Refused, envelope.id, std::move(reason)};

    auto insert =
        session.prepare("INSERT INTO messages(" CARILLON_ENVELOPE_COLUMNS ", queue, state, ready_at) "
                        "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) ON CONFLICT DO NOTHING");
    const bool isDelayed = envelope.dueAt && *envelope.dueAt > now;
    bindEnvelope(insert, envelope);
    insert.bindAt(envelopeColumnCount + 1, target.queue);
    insert.bindAt(envelopeColumnCount + 2, static_cast<int>(isDelayed ? State::Scheduled : State::Ready));
    // One that is overdue is as old as its due time says.
    insert.bindAt(envelopeColumnCount + 3, envelope.dueAt.value_or(now));
    insert.run();
    if (session.changes() == 0) return {Status::Duplicate, firstId(session, target, envelope), {}};

    session.announce(carillon::sqlite::Topic::Messages);
    return {Status::Confirmed, envelope.id, {}};
}

} // namespace carillon::transports::sqlite
