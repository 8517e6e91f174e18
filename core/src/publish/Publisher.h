#pragma once

#include "carillon/Clock.h"
#include "carillon/Envelope.h"
#include "port/Ledger.h"
#include "port/Transport.h"
#include "publish/MessageCatalogue.h"
#include "publish/Router.h"
#include "schema/Json.h"

#include <span>
#include <vector>

namespace carillon::publish
{

/// The door through which every message goes: checks it, fills in what is missing, routes and publishes it. Thread-safe.
class Publisher
{
public:
    Publisher(const Router& router, const MessageCatalogue& catalogue, const schema::BodyLimits& limits, port::Ledger& ledger, port::Store& store,
              const Clock& clock);

    /// Checks (type, routing, size, depth, UTF-8, schema, expiry) and fills in id, time, priority, expiry. Throws InvalidInput that names the place.
    Envelope prepare(Envelope envelope) const;

    /// Prepares and publishes; blocks until every message is durable or refused. Results in the order given; what prepare() throws is a refusal with
    /// its reason. Throws TransportError when an outcome is unknown.
    std::vector<port::PublishResult> publish(std::vector<Envelope> envelopes) const;

    /// One prepared message together with a unit of work: both are committed, or neither (its follow-ups too). Of a message that is there already
    /// nothing is committed: Duplicate, with the first one's id.
    /// Throws InvalidInput when it is refused, StoreError when nothing was written.
    port::PublishResult publishWith(const Envelope& envelope, UnitOfWork& work) const;

    /// Splits prepared messages by whether their transport joins the store: those are published within the session later, the others become outbox rows.
    struct Routed
    {
        struct Joined
        {
            port::Transport* transport;
            Envelope envelope;
        };
        std::vector<Joined> joined;
        std::vector<port::OutboxMessage> outbox;
    };
    /// Throws InvalidInput as prepare() does.
    Routed routeAll(std::span<const Envelope> envelopes) const;

    const Router& router() const { return _router; }
    const MessageCatalogue& catalogue() const { return _catalogue; }
    const schema::BodyLimits& limits() const { return _limits; }

private:
    const Router& _router;
    const MessageCatalogue& _catalogue;
    const schema::BodyLimits _limits;
    port::Ledger& _ledger;
    port::Store& _store;
    const Clock& _clock;
};

} // namespace carillon::publish
