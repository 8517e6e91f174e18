#include "publish/Publisher.h"

#include "carillon/Errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace carillon::publish
{
namespace
{

constexpr std::size_t longestId = 128;
constexpr std::size_t longestType = 128;

/// Rolls a unit of work back whose message is there already.
struct AlreadyThere
{
    port::PublishResult result;
};

/// Ids go into tags, paths and logs: only characters that need no quoting anywhere.
bool isPlainWord(const std::string& text, std::size_t longest)
{
    if (text.empty() || text.size() > longest) return false;
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':';
    });
}

} // namespace

Publisher::Publisher(const Router& router, const MessageCatalogue& catalogue, const schema::BodyLimits& limits, port::Ledger& ledger,
                     port::Store& store, const Clock& clock) :
    _router(router), _catalogue(catalogue), _limits(limits), _ledger(ledger), _store(store), _clock(clock)
{
}

Envelope Publisher::prepare(Envelope envelope) const
{
    if (!isPlainWord(envelope.type, longestType))
        throw InvalidInput("the message type must be 1 to 128 letters, digits, '-', '_', '.' or ':', like notification.send");
    if (_router.route(envelope.type).empty())
        throw InvalidInput(fmt::format("no route for type '{}'; name its transport under 'routing' in the configuration", envelope.type));

    const TimePoint now = _clock.now();
    if (envelope.id.empty()) envelope.id = newMessageId(now);
    if (!isPlainWord(envelope.id, longestId))
        throw InvalidInput("the message id must be 1 to 128 letters, digits, '-', '_', '.' or ':'; leave it out to get one");
    if (envelope.publishedAt == TimePoint{}) envelope.publishedAt = now;

    const MessageType* rules = _catalogue.find(envelope.type);
    // An older version is checked by the worker, after its plugin has brought it up to date.
    if (rules != nullptr && rules->schema && envelope.version == rules->version)
    {
        if (const auto violation = rules->schema->validate(envelope.body, _limits)) throw InvalidInput(violation->message, violation->pointer);
    }
    else
        schema::checkJson(envelope.body, _limits);
    if (rules != nullptr)
    {
        if (envelope.priority == 0) envelope.priority = rules->priority;
        if (!envelope.expiresAt && rules->expiresAfter)
            envelope.expiresAt = std::max(envelope.publishedAt, envelope.dueAt.value_or(envelope.publishedAt)) + *rules->expiresAfter;
    }
    if (envelope.expiresAt && *envelope.expiresAt <= now)
        throw InvalidInput(fmt::format("expires_at {} has passed; publish with a later one or none", toRfc3339(*envelope.expiresAt)));
    if (envelope.expiresAt && envelope.dueAt && *envelope.expiresAt <= *envelope.dueAt)
        throw InvalidInput("the message would expire before it is due; give a later expires_at");
    return envelope;
}

std::vector<port::PublishResult> Publisher::publish(std::vector<Envelope> envelopes) const
{
    std::vector<port::PublishResult> results(envelopes.size());
    // A vector of vectors by transport, so that one call makes one transaction each.
    std::map<port::Transport*, std::vector<std::size_t>> byTransport;
    for (std::size_t i = 0; i < envelopes.size(); ++i)
    {
        try
        {
            envelopes[i] = prepare(std::move(envelopes[i]));
            const auto& route = _router.route(envelopes[i].type);
            if (route.size() == 1)
            {
                byTransport[route.front()].push_back(i);
                continue;
            }
            // To several transports: all or none, so by the outbox.
            UnitOfWork nothing;
            results[i] = publishWith(envelopes[i], nothing);
        }
        catch (const InvalidInput& invalid)
        {
            const std::string place = invalid.pointer().empty() ? "" : fmt::format(" at {}", invalid.pointer());
            results[i] = {port::PublishResult::Status::Refused, envelopes[i].id, invalid.what() + place};
        }
    }
    for (const auto& [transport, indices] : byTransport)
    {
        std::vector<Envelope> group;
        group.reserve(indices.size());
        for (const std::size_t index : indices)
            group.push_back(std::move(envelopes[index]));
        auto answers = transport->publish(group);
        for (std::size_t i = 0; i < indices.size(); ++i)
            results[indices[i]] = std::move(answers[i]);
    }
    return results;
}

Publisher::Routed Publisher::routeAll(std::span<const Envelope> envelopes) const
{
    Routed routed;
    for (const Envelope& given : envelopes)
    {
        const Envelope envelope = prepare(given);
        for (port::Transport* transport : _router.route(envelope.type))
        {
            if (transport->joins(_store))
                routed.joined.push_back({transport, envelope});
            else
                routed.outbox.push_back({0, transport->name(), envelope});
        }
    }
    return routed;
}

port::PublishResult Publisher::publishWith(const Envelope& envelope, UnitOfWork& work) const
{
    port::PublishResult result{port::PublishResult::Status::Confirmed, envelope.id, {}};
    std::vector<Envelope> all{envelope};
    all.insert(all.end(), work.followUps().begin(), work.followUps().end());
    const Routed routed = routeAll(all);
    try
    {
        _ledger.commit(work, routed.outbox, [&](StoreSession& session) {
            for (const auto& [transport, message] : routed.joined)
            {
                auto answers = transport->publishWithin(session, {&message, 1});
                if (message.id != envelope.id || message.type != envelope.type) continue;
                result = std::move(answers.front());
                if (result.status == port::PublishResult::Status::Refused) throw InvalidInput(result.reason);
                if (result.status == port::PublishResult::Status::Duplicate) throw AlreadyThere{result};
            }
        });
    }
    catch (const AlreadyThere& there)
    {
        return there.result;
    }
    return result;
}

} // namespace carillon::publish
