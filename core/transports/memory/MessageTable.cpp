#include "transports/memory/MessageTable.h"

#include <algorithm>

namespace carillon::transports::memory
{

using Status = port::PublishResult::Status;
using Kind = port::Settlement::Kind;

MessageTable::MessageTable(const std::vector<std::string>& queues) : _ready(queues.size()), _scheduled(queues.size()), _taken(queues.size())
{
    for (const std::string& name : queues) _queues.push_back({name, false});
}

port::PublishResult MessageTable::insert(std::size_t queue, const Envelope& envelope, TimePoint now)
{
    if (_byId.contains({queue, envelope.id, envelope.type})) return {Status::Duplicate, envelope.id, {}};
    if (!envelope.dedupeKey.empty())
        if (const auto first = _byDedupeKey.find({queue, envelope.dedupeKey}); first != _byDedupeKey.end())
            return {Status::Duplicate, _messages.at(first->second).envelope.id, {}};

    const std::uint64_t sequence = _nextSequence++;
    Message& message = _messages[sequence];
    message.sequence = sequence;
    message.queue = queue;
    message.envelope = envelope;
    message.readyAt = envelope.dueAt.value_or(now);
    message.state = message.readyAt > now ? State::Scheduled : State::Ready;
    _byId[{queue, envelope.id, envelope.type}] = sequence;
    if (!envelope.dedupeKey.empty()) _byDedupeKey[{queue, envelope.dedupeKey}] = sequence;
    enterIndex(message);
    return {Status::Confirmed, envelope.id, {}};
}

std::vector<port::Delivery> MessageTable::take(std::size_t queue, std::size_t limit, const Moment& moment, std::chrono::milliseconds lease)
{
    std::vector<port::Delivery> deliveries;
    if (_queues[queue].isPaused) return deliveries;

    while (!_scheduled[queue].empty() && _scheduled[queue].begin()->first <= moment.now)
        move(_messages.at(_scheduled[queue].begin()->second), State::Ready);
    while (!_taken[queue].empty() && _taken[queue].begin()->first <= moment.steady)
        abandon(_messages.at(_taken[queue].begin()->second).handle);

    while (deliveries.size() < limit && !_ready[queue].empty())
    {
        Message& message = _messages.at(std::get<2>(*_ready[queue].begin()));
        if (_takenKeys.contains(message.envelope.concurrencyKey))
        {
            move(message, State::Blocked);
            continue;
        }
        leaveIndex(message);
        message.state = State::Taken;
        message.handle = _nextHandle++;
        message.leaseUntil = moment.steady + lease;
        message.expiry = SteadyPoint::max();
        ++message.deliveries;
        enterIndex(message);

        port::Delivery& delivery = deliveries.emplace_back();
        delivery.envelope = message.envelope;
        delivery.handle = message.handle;
        delivery.redelivered = message.redelivered;
        delivery.deliveries = message.deliveries;
        delivery.queue = _queues[queue].name;
    }
    return deliveries;
}

std::optional<std::chrono::nanoseconds> MessageTable::idleFor(std::size_t queue, const Moment& moment) const
{
    std::optional<std::chrono::nanoseconds> shortest;
    if (_queues[queue].isPaused) return shortest;
    const auto shorten = [&](std::chrono::nanoseconds wait)
    {
        wait = std::max(wait, std::chrono::nanoseconds(0));
        shortest = shortest ? std::min(*shortest, wait) : wait;
    };
    if (!_scheduled[queue].empty()) shorten(_scheduled[queue].begin()->first - moment.now);
    if (!_taken[queue].empty() && _taken[queue].begin()->first != SteadyPoint::max()) shorten(_taken[queue].begin()->first - moment.steady);
    return shortest;
}

bool MessageTable::settle(std::uint64_t handle, const port::Settlement& settlement)
{
    const auto found = _byHandle.find(handle);
    if (found == _byHandle.end()) return false;
    Message& message = _messages.at(found->second);
    switch (settlement.kind)
    {
    case Kind::Remove: erase(message); break;
    case Kind::Later:
        leaveIndex(message);
        message.state = State::Scheduled;
        message.readyAt = settlement.dueAt;
        message.envelope.dueAt = settlement.dueAt;
        message.envelope.attempt = settlement.attempt;
        message.envelope.turn = settlement.turn;
        message.redelivered = false;
        enterIndex(message);
        freeKey(message.envelope.concurrencyKey);
        break;
    case Kind::Return:
        --message.deliveries;
        move(message, State::Ready);
        freeKey(message.envelope.concurrencyKey);
        break;
    }
    return true;
}

void MessageTable::abandon(std::uint64_t handle)
{
    const auto found = _byHandle.find(handle);
    if (found == _byHandle.end()) return;
    Message& message = _messages.at(found->second);
    message.redelivered = true;
    move(message, State::Ready);
    freeKey(message.envelope.concurrencyKey);
}

void MessageTable::renewUntil(std::uint64_t handle, SteadyPoint deadline)
{
    const auto found = _byHandle.find(handle);
    if (found == _byHandle.end()) return;
    Message& message = _messages.at(found->second);
    leaveIndex(message);
    message.expiry = std::max(message.leaseUntil, deadline);
    enterIndex(message);
}

port::QueueStats MessageTable::stats(std::size_t queue, const Moment& moment) const
{
    port::QueueStats stats{_queues[queue].name, 0, 0, 0, {}, _queues[queue].isPaused};
    const auto countReady = [&](const Message& message)
    {
        ++*stats.ready;
        stats.oldestReadySince = std::min(stats.oldestReadySince.value_or(message.readyAt), message.readyAt);
    };
    for (const auto& [sequence, message] : _messages)
    {
        if (message.queue != queue) continue;
        switch (shown(message, moment).state)
        {
        case port::QueuedMessage::State::Ready: countReady(message); break;
        case port::QueuedMessage::State::Scheduled: ++*stats.scheduled; break;
        case port::QueuedMessage::State::Taken: ++*stats.taken; break;
        }
    }
    return stats;
}

std::uint64_t MessageTable::purge(std::size_t queue)
{
    std::vector<std::uint64_t> untaken;
    for (const auto& [sequence, message] : _messages)
        if (message.queue == queue && message.state != State::Taken) untaken.push_back(sequence);
    for (const std::uint64_t sequence : untaken) erase(_messages.at(sequence));
    return untaken.size();
}

std::vector<port::QueuedMessage> MessageTable::inspect(std::size_t queue, std::size_t limit, const std::string& afterId,
                                                       const Moment& moment) const
{
    std::vector<port::QueuedMessage> messages;
    for (auto entry = _byId.lower_bound({queue, afterId, {}}); entry != _byId.end() && messages.size() < limit; ++entry)
    {
        const auto& [ofQueue, id, type] = entry->first;
        if (ofQueue != queue) break;
        if (id > afterId) messages.push_back(shown(_messages.at(entry->second), moment));
    }
    return messages;
}

std::optional<port::QueuedMessage> MessageTable::find(const std::string& id, const Moment& moment) const
{
    for (std::size_t queue = 0; queue < _queues.size(); ++queue)
    {
        const auto entry = _byId.lower_bound({queue, id, {}});
        if (entry == _byId.end() || std::get<0>(entry->first) != queue || std::get<1>(entry->first) != id) continue;
        return shown(_messages.at(entry->second), moment);
    }
    return {};
}

bool MessageTable::cancel(const std::string& id)
{
    const auto untaken = untakenOf(id);
    for (const std::uint64_t sequence : untaken) erase(_messages.at(sequence));
    return !untaken.empty();
}

bool MessageTable::reschedule(const std::string& id, TimePoint dueAt)
{
    const auto untaken = untakenOf(id);
    for (const std::uint64_t sequence : untaken)
    {
        Message& message = _messages.at(sequence);
        leaveIndex(message);
        message.state = State::Scheduled;
        message.readyAt = dueAt;
        message.envelope.dueAt = dueAt;
        enterIndex(message);
        freeKey(message.envelope.concurrencyKey);
    }
    return !untaken.empty();
}

port::QueuedMessage MessageTable::shown(const Message& message, const Moment& moment) const
{
    using Shown = port::QueuedMessage::State;
    const bool isDue = message.state == State::Scheduled && message.readyAt <= moment.now;
    if (message.state == State::Ready || isDue || isLost(message, moment.steady))
        return {message.envelope, Shown::Ready, message.deliveries};
    return {message.envelope, message.state == State::Taken ? Shown::Taken : Shown::Scheduled, message.deliveries};
}

void MessageTable::enterIndex(Message& message)
{
    const std::string& key = message.envelope.concurrencyKey;
    switch (message.state)
    {
    case State::Ready: _ready[message.queue].insert(rankOf(message)); break;
    case State::Scheduled: _scheduled[message.queue].emplace(message.readyAt, message.sequence); break;
    case State::Taken:
        _taken[message.queue].emplace(message.expiry, message.sequence);
        _byHandle[message.handle] = message.sequence;
        if (!key.empty()) _takenKeys.insert(key);
        break;
    case State::Blocked: _blocked[{key, message.queue}].insert(rankOf(message)); break;
    }
}

void MessageTable::leaveIndex(const Message& message)
{
    const std::string& key = message.envelope.concurrencyKey;
    switch (message.state)
    {
    case State::Ready: _ready[message.queue].erase(rankOf(message)); break;
    case State::Scheduled: _scheduled[message.queue].erase({message.readyAt, message.sequence}); break;
    case State::Taken:
        _taken[message.queue].erase({message.expiry, message.sequence});
        _byHandle.erase(message.handle);
        _takenKeys.erase(key);
        break;
    case State::Blocked:
        const auto blocked = _blocked.find({key, message.queue});
        blocked->second.erase(rankOf(message));
        if (blocked->second.empty()) _blocked.erase(blocked);
        break;
    }
}

void MessageTable::move(Message& message, State state)
{
    leaveIndex(message);
    message.state = state;
    enterIndex(message);
}

void MessageTable::erase(Message& message)
{
    const std::string key = message.envelope.concurrencyKey;
    leaveIndex(message);
    _byId.erase({message.queue, message.envelope.id, message.envelope.type});
    if (!message.envelope.dedupeKey.empty()) _byDedupeKey.erase({message.queue, message.envelope.dedupeKey});
    _messages.erase(message.sequence);
    freeKey(key);
}

/// The best of each queue that was set aside for this key comes forward, so that none is forgotten.
void MessageTable::freeKey(const std::string& key)
{
    if (key.empty()) return;
    for (std::size_t queue = 0; queue < _queues.size(); ++queue)
        if (const auto blocked = _blocked.find({key, queue}); blocked != _blocked.end())
            move(_messages.at(std::get<2>(*blocked->second.begin())), State::Ready);
}

std::vector<std::uint64_t> MessageTable::untakenOf(const std::string& id) const
{
    std::vector<std::uint64_t> untaken;
    for (std::size_t queue = 0; queue < _queues.size(); ++queue)
        for (auto entry = _byId.lower_bound({queue, id, {}}); entry != _byId.end(); ++entry)
        {
            if (std::get<0>(entry->first) != queue || std::get<1>(entry->first) != id) break;
            if (_messages.at(entry->second).state != State::Taken) untaken.push_back(entry->second);
        }
    return untaken;
}

} // namespace carillon::transports::memory
