#include "transports/sqlite/SqliteConsumer.h"

#include "carillon/Errors.h"

#include <algorithm>
#include <random>
#include <utility>

namespace carillon::transports::sqlite
{
namespace
{

/// Where a consumer's lease tokens start. 62 random bits: two consumers' runs of tokens do not meet, and a token fits SQLite's signed
/// integers.
std::uint64_t randomToken()
{
    std::random_device device;
    const std::uint64_t bits = (static_cast<std::uint64_t>(device()) << 32) | device();
    return (bits >> 2) + 1;
}

/// A longer wait would overflow the clock's arithmetic, and means "for ever" anyway.
constexpr std::chrono::milliseconds longestWait = std::chrono::hours(24);

} // namespace

SqliteConsumer::SqliteConsumer(Source source, const port::ConsumerOptions& options)
    : _source(std::move(source)),
      _options(options),
      _messagesCame(_source.database->changes(carillon::sqlite::Topic::Messages)),
      _nextToken(randomToken()),
      _renewal([this] { keepLeases(); })
{
}

SqliteConsumer::~SqliteConsumer()
{
    stop();
    {
        const std::lock_guard lock(_renewalMutex);
        _isEnding = true;
    }
    _renewalChanged.notify_one();
    _renewal.join();
    giveBackRest();
}

std::vector<port::Delivery> SqliteConsumer::take(std::size_t limit, std::chrono::milliseconds wait)
{
    const SteadyPoint deadline = std::chrono::steady_clock::now() + std::min(wait, longestWait);
    std::unique_lock lock(_takingMutex);
    if (!_takingEnded.wait_until(lock, deadline, [&] { return !_isTaking || _isStopped; })) return {};
    if (_isStopped) return {};
    _isTaking = true;
    lock.unlock();

    const auto end = [this]
    {
        {
            const std::lock_guard ending(_takingMutex);
            _isTaking = false;
        }
        _takingEnded.notify_one();
    };
    try
    {
        auto deliveries = takeUntil(limit, deadline);
        end();
        return deliveries;
    }
    catch (...)
    {
        end();
        throw;
    }
}

std::vector<port::Delivery> SqliteConsumer::takeUntil(std::size_t limit, SteadyPoint deadline)
{
    while (!_isStopped)
    {
        // Read before looking, so that what comes after the look ends the waiting at once.
        const std::uint32_t seen = _messagesCame.seen();
        const std::size_t held = _held->count();
        const std::size_t room = held < _options.prefetch ? _options.prefetch - held : 0;
        Claim found;
        if (room > 0 && limit > 0) found = claim(std::min(limit, room));
        if (!found.messages.empty())
        {
            std::vector<port::Delivery> deliveries;
            deliveries.reserve(found.messages.size());
            for (ClaimedMessage& message : found.messages) deliveries.push_back(std::move(message.delivery));
            return deliveries;
        }
        const SteadyPoint now = std::chrono::steady_clock::now();
        if (now >= deadline) return {};
        const SteadyPoint until = found.idleFor ? std::min(deadline, now + std::min(*found.idleFor, longestWait)) : deadline;
        _messagesCame.wait(seen, until);
    }
    return {};
}

Claim SqliteConsumer::claim(std::size_t limit)
{
    try
    {
        _source.database->requireSpace();
        const std::uint64_t token = _nextToken.fetch_add(limit);
        return _source.database->write(
            [&](carillon::sqlite::Session& session)
            {
                const auto boot = _source.bootClock.now();
                Claim claimed = claimMessages(session, _source.queues, limit, {_source.clock.now(), boot, boot + _options.lease}, token);
                if (claimed.messages.empty()) return claimed;
                std::vector<LeasedMessage> taken;
                for (const ClaimedMessage& message : claimed.messages)
                    taken.push_back({message.sequence, message.delivery.handle, message.delivery.envelope.concurrencyKey});
                session.afterCommit(
                    [this, held = _held, taken = std::move(taken)]
                    {
                        for (const LeasedMessage& message : taken) held->add(message);
                        startRenewing();
                    });
                return claimed;
            });
    }
    catch (const StoreError& error)
    {
        throw TransportError("transport '" + _source.transport + "': " + error.what());
    }
}

std::vector<bool> SqliteConsumer::settle(std::span<const port::Settlement> settlements)
{
    try
    {
        return _source.database->write(
            [&](carillon::sqlite::Session& session)
            {
                std::vector<bool> wereOurs;
                wereOurs.reserve(settlements.size());
                for (const port::Settlement& settlement : settlements) wereOurs.push_back(settleInside(session, settlement));
                return wereOurs;
            });
    }
    catch (const StoreError& error)
    {
        throw TransportError("transport '" + _source.transport + "': " + error.what());
    }
}

bool SqliteConsumer::settleWithin(StoreSession& session, const port::Settlement& settlement)
{
    return settleInside(carillon::sqlite::Session::of(session, *_source.database), settlement);
}

bool SqliteConsumer::settleInside(carillon::sqlite::Session& session, const port::Settlement& settlement)
{
    const std::uint64_t handle = settlement.delivery->handle;
    const auto message = _held->find(handle);
    if (!message) return false;
    const bool wasOurs = settleMessage(session, *message, settlement);
    // Held until the commit: when that fails, the message is ours to settle again.
    session.afterCommit(
        [held = _held, handle, signal = _messagesCame, prefetch = _options.prefetch]
        {
            const bool wasFull = held->count() >= prefetch;
            held->remove(handle);
            // A take() that waits for room sleeps on the same bell.
            if (wasFull) signal.raise();
        });
    return wasOurs;
}

void SqliteConsumer::renewUntil(const port::Delivery& delivery, SteadyPoint deadline) { _held->endRenewalAt(delivery.handle, deadline); }

void SqliteConsumer::stop()
{
    {
        const std::lock_guard lock(_takingMutex);
        _isStopped = true;
    }
    _takingEnded.notify_all();
    _messagesCame.raise();
}

void SqliteConsumer::startRenewing()
{
    {
        const std::lock_guard lock(_renewalMutex);
        // Woken once, not for every message.
        if (std::exchange(_mayRenew, true)) return;
    }
    _renewalChanged.notify_one();
}

void SqliteConsumer::keepLeases()
{
    // Three chances before a lease runs out.
    const auto interval = std::max(_options.lease / 3, std::chrono::milliseconds(1));
    std::unique_lock lock(_renewalMutex);
    while (!_isEnding)
    {
        // Nothing held, nothing to do: an idle consumer sleeps.
        _renewalChanged.wait(lock, [&] { return _isEnding || _mayRenew; });
        if (_renewalChanged.wait_for(lock, interval, [&] { return _isEnding; })) return;
        const auto messages = _held->renewable(_source.clock.steady());
        if (_held->count() == 0) _mayRenew = false;
        lock.unlock();
        renewOnce(messages);
        lock.lock();
    }
}

void SqliteConsumer::renewOnce(const std::vector<LeasedMessage>& messages)
{
    if (messages.empty()) return;
    try
    {
        _source.database->write(
            [&](carillon::sqlite::Session& session)
            {
                const auto until = _source.bootClock.now() + _options.lease;
                for (const LeasedMessage& message : messages) renewLease(session, message, until);
            });
    }
    catch (const StoreError&)
    {
        // Tried again at the next turn. Should it never succeed, the leases run out, and settling says so to the engine.
    }
}

void SqliteConsumer::giveBackRest() noexcept
{
    try
    {
        const auto rest = _held->all();
        if (rest.empty()) return;
        _source.database->write(
            [&](carillon::sqlite::Session& session)
            {
                for (const LeasedMessage& message : rest) abandonMessage(session, message);
            });
    }
    catch (...)
    {
        // Their leases run out instead: later, but with the same end.
    }
}

} // namespace carillon::transports::sqlite
