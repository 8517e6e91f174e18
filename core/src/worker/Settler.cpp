#include "worker/Settler.h"

#include "carillon/Errors.h"

#include <algorithm>

namespace carillon::worker
{
namespace
{

/// How soon a message whose staged write met other data is tried again.
constexpr std::chrono::milliseconds conflictPause{50};
/// After so many uncounted turns in a row a conflict is no accident any more: it counts as a failed attempt.
constexpr int uncountedConflicts = 50;

port::Decided decidedBy(Outcome::Kind kind)
{
    switch (kind)
    {
    case Outcome::Kind::Ack: return port::Decided::Done;
    case Outcome::Kind::Retry: return port::Decided::Retry;
    case Outcome::Kind::Defer: return port::Decided::Defer;
    case Outcome::Kind::Reject: return port::Decided::Dead;
    case Outcome::Kind::Expired: return port::Decided::Expired;
    case Outcome::Kind::Decided: break;
    }
    throw std::logic_error("an outcome that needs no decision was to be decided");
}

/// The same message for its next turn, due later.
Envelope nextTurn(const Envelope& envelope, bool countsAttempt, TimePoint dueAt)
{
    Envelope next = envelope;
    next.attempt += countsAttempt ? 1 : 0;
    next.turn += 1;
    next.dueAt = dueAt;
    return next;
}

} // namespace

struct Settler::Plan
{
    const port::Delivery* delivery = nullptr;
    BatchItem* item = nullptr;
    port::Decision decision;
    port::Settlement settlement;
    std::vector<publish::Publisher::Routed::Joined> joined;
};

Settler::Plan Settler::planFor(const Source& source, const HandledType* type, BatchItem& item, const port::Delivery& delivery) const
{
    const Envelope& envelope = delivery.envelope;
    const Outcome& outcome = *item.outcome();
    const TimePoint now = _clock.now();

    Plan plan;
    plan.delivery = &delivery;
    plan.item = &item;
    plan.decision.envelope = &envelope;
    plan.decision.decided = decidedBy(outcome.kind());
    const bool isIdempotent = type != nullptr && type->options.transaction == TransactionKind::None;
    plan.decision.isRecorded = !(isIdempotent && outcome.isAck());
    plan.decision.work = &item.context().unitOfWork();
    plan.decision.transport = source.transport->name();
    plan.decision.raw = delivery.raw;
    plan.settlement.delivery = &delivery;

    if (!outcome.isAck()) plan.decision.failure = port::Failure{now, envelope.attempt, outcome.errorClass(), outcome.reason()};
    if (!isFinal(plan.decision.decided))
    {
        const bool countsAttempt = plan.decision.decided == port::Decided::Retry;
        // A deferral is not the message's failure and must not fill its history.
        if (!countsAttempt) plan.decision.failure.reset();
        TimePoint dueAt = countsAttempt ? now + outcome.retryAfter().value_or(std::chrono::milliseconds{0}) : outcome.until().value_or(now);
        // Not beyond its end: there it is taken once more, and found expired.
        if (envelope.expiresAt) dueAt = std::min(dueAt, *envelope.expiresAt);
        plan.decision.dueAt = dueAt;
        if (source.keepsDelays)
            plan.settlement = {&delivery, port::Settlement::Kind::Later, dueAt, envelope.attempt + (countsAttempt ? 1 : 0), envelope.turn + 1};
        else
            plan.decision.outbox.push_back({0, source.transport->name(), nextTurn(envelope, countsAttempt, dueAt)});
    }
    else if (plan.decision.decided != port::Decided::Done && type != nullptr)
    {
        try
        {
            type->chain->handler().gaveUp(envelope, item.context(), outcome.reason());
        }
        catch (const std::exception& error)
        {
            item.context().unitOfWork().clear();
            _logger.error("the handler's gaveUp() threw; the decision stands without it",
                          {{"type", envelope.type}, {"id", envelope.id}, {"reason", error.what()}});
        }
    }
    routeFollowUps(plan, item.context());
    return plan;
}

void Settler::routeFollowUps(Plan& plan, Context& context) const
{
    for (Envelope followUp : context.unitOfWork().followUps())
    {
        if (followUp.traceParent.empty()) followUp.traceParent = context.traceParent();
        if (followUp.service.empty()) followUp.service = plan.decision.envelope->service;
        auto routed = _publisher.routeAll({&followUp, 1});
        std::move(routed.joined.begin(), routed.joined.end(), std::back_inserter(plan.joined));
        std::move(routed.outbox.begin(), routed.outbox.end(), std::back_inserter(plan.decision.outbox));
    }
}

std::vector<port::DecisionResult> Settler::record(Source& source, std::vector<Plan>& plans) const
{
    std::vector<port::Decision> decisions;
    decisions.reserve(plans.size());
    for (Plan& plan : plans)
        decisions.push_back(plan.decision);
    return _store.ledger().decide(decisions, [&](StoreSession& session, std::size_t index) {
        Plan& plan = plans[index];
        for (const auto& [transport, envelope] : plan.joined)
        {
            try
            {
                const auto results = transport->publishWithin(session, {&envelope, 1});
                if (results.front().status == port::PublishResult::Status::Refused) throw StorageFull(results.front().reason);
            }
            catch (const TransportError& error)
            {
                // Not this message's fault: nothing is decided until its follow-ups can be.
                throw StoreError(error.what());
            }
        }
        return !source.joinsStore || source.consumer->settleWithin(session, plan.settlement);
    });
}

void Settler::settle(Source& source, const HandledType* type, Batch items, std::span<const port::Delivery* const> deliveries) const
{
    std::vector<Plan> plans;
    std::vector<const port::Delivery*> decided;
    plans.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i)
    {
        if (items[i].outcome()->kind() == Outcome::Kind::Decided)
        {
            decided.push_back(deliveries[i]);
            continue;
        }
        try
        {
            plans.push_back(planFor(source, type, items[i], *deliveries[i]));
        }
        catch (const InvalidInput& invalid)
        {
            // The handler published what the door refuses. That is a mistake of the handler about this message, so the message is dead.
            items[i].context().unitOfWork().clear();
            items[i].finish(Outcome::reject(std::string("a follow-up message was refused: ") + invalid.what()).withErrorClass("invalid_follow_up"));
            plans.push_back(planFor(source, nullptr, items[i], *deliveries[i]));
        }
    }

    std::vector<port::Settlement> settlements;
    while (!plans.empty())
    {
        const auto results = record(source, plans);
        std::vector<Plan> again;
        for (std::size_t i = 0; i < plans.size(); ++i)
        {
            Plan& plan = plans[i];
            const Envelope& envelope = *plan.decision.envelope;
            switch (results[i])
            {
            case port::DecisionResult::Applied:
                if (!plan.decision.outbox.empty()) publishOutbox({envelope.type, envelope.id});
                if (!source.joinsStore) settlements.push_back(plan.settlement);
                break;
            case port::DecisionResult::Duplicate: decided.push_back(plan.delivery); break;
            case port::DecisionResult::Lost:
                _logger.warning("its lease had run out: the work was rolled back, another worker has the message",
                                {{"type", envelope.type}, {"id", envelope.id}, {"attempt", envelope.attempt}});
                break;
            case port::DecisionResult::Conflict:
            {
                plan.item->context().unitOfWork().clear();
                const bool counts = envelope.turn - envelope.attempt >= uncountedConflicts;
                const std::string reason = "a staged write met data of another version";
                plan.item->finish(counts ? Outcome::retry(reason).withErrorClass("conflict")
                                         : Outcome::defer(_clock.now() + conflictPause, reason).withErrorClass("conflict"));
                again.push_back(planFor(source, type, *plan.item, *plan.delivery));
                break;
            }
            }
        }
        plans = std::move(again);
    }
    if (!decided.empty()) finishDecided(source, decided);
    if (!settlements.empty()) settleOutside(source, settlements);
}

void Settler::finishDecided(Source& source, std::span<const port::Delivery* const> deliveries) const
{
    std::vector<port::MessageKey> keys;
    for (const port::Delivery* delivery : deliveries)
        keys.push_back({delivery->envelope.type, delivery->envelope.id});
    const auto rows = _store.ledger().lookUp(keys);

    std::vector<port::Settlement> settlements;
    for (std::size_t i = 0; i < deliveries.size(); ++i)
    {
        port::Settlement settlement;
        settlement.delivery = deliveries[i];
        publishOutbox(keys[i]);
        // The decision of this very turn was "later", and the transport that keeps it had not heard of it yet.
        if (rows[i] && !isFinal(rows[i]->decided) && rows[i]->turn == deliveries[i]->envelope.turn && source.keepsDelays)
        {
            const bool countsAttempt = rows[i]->decided == port::Decided::Retry;
            settlement = {deliveries[i], port::Settlement::Kind::Later, rows[i]->dueAt, deliveries[i]->envelope.attempt + (countsAttempt ? 1 : 0),
                          rows[i]->turn + 1};
        }
        settlements.push_back(settlement);
        _logger.info("decided before; that decision was finished", {{"type", keys[i].type}, {"id", keys[i].id}});
    }
    settleOutside(source, settlements);
}

void Settler::publishOutbox(const port::MessageKey& key) const
{
    std::vector<std::int64_t> published;
    for (const port::OutboxMessage& message : _store.ledger().outboxOf(key))
    {
        port::Transport* transport = _publisher.router().transport(message.transport);
        if (transport == nullptr) continue;
        try
        {
            const auto results = transport->publish({&message.envelope, 1});
            if (results.front().status != port::PublishResult::Status::Refused) published.push_back(message.sequence);
        }
        catch (const TransportError& error)
        {
            // It is safe in the outbox; the clerk's relay goes on with it.
            _logger.warning("the outbox could not be published now; the relay will", {{"transport", message.transport}, {"reason", error.what()}});
        }
    }
    if (!published.empty()) _store.ledger().markPublished(published);
}

void Settler::settleOutside(Source& source, std::span<const port::Settlement> settlements) const
{
    const auto ours = source.consumer->settle(settlements);
    for (std::size_t i = 0; i < ours.size(); ++i)
        if (!ours[i])
            _logger.warning("settled too late: its lease had run out; the next delivery finds the decision",
                            {{"type", settlements[i].delivery->envelope.type}, {"id", settlements[i].delivery->envelope.id}});
}

void Settler::giveBack(Source& source, std::span<const port::Delivery* const> deliveries) const noexcept
{
    try
    {
        std::vector<port::Settlement> settlements;
        for (const port::Delivery* delivery : deliveries)
            settlements.push_back({delivery, port::Settlement::Kind::Return, {}, delivery->envelope.attempt, delivery->envelope.turn});
        source.consumer->settle(settlements);
    }
    catch (const std::exception& error)
    {
        _logger.warning("could not be given back; they come again when their lease ends",
                        {{"messages", deliveries.size()}, {"reason", error.what()}});
    }
}

} // namespace carillon::worker
