#pragma once

#include "carillon/Envelope.h"
#include "carillon/UnitOfWork.h"
#include "port/Store.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::port
{

/// What became of one envelope of a publish.
struct PublishResult
{
    enum class Status
    {
        Confirmed, ///< durable; it will end in exactly one terminal state
        Duplicate, ///< its id, or its dedupe key, is there already: `id` is the first one's; nothing was added
        Refused    ///< not taken, for `reason`: full, too large, unroutable. Nothing was added
    };
    Status status = Status::Confirmed;
    std::string id;
    std::string reason;
};

/// One message taken from a queue. It belongs to the caller until it is settled or its lease runs out.
struct Delivery
{
    Envelope envelope;
    /// The transport's own handle: a lease token, a delivery tag with its channel's epoch.
    std::uint64_t handle = 0;
    /// True when it was delivered before without being settled.
    bool redelivered = false;
    /// How often it was delivered, this one included.
    int deliveries = 1;
    /// Set when the bytes could not be decoded: the envelope then holds what was readable, `raw` everything.
    std::optional<std::string> decodeError;
    std::string raw;
    /// Queue that it came from.
    std::string queue;
};

/// What is to become of a delivery in its queue.
struct Settlement
{
    enum class Kind
    {
        Remove, ///< finished: done, dead, expired, cancelled, or a copy was published elsewhere
        Later,  ///< back into the queue, due at `dueAt`, with the new attempt and turn (transports that `keepDelays` only)
        Return  ///< back at once, as if never taken: nothing was decided
    };
    const Delivery* delivery = nullptr;
    Kind kind = Kind::Remove;
    TimePoint dueAt{};
    int attempt = 1;
    int turn = 1;
};

struct ConsumerOptions
{
    /// Queues to take from, in order of priority; empty: all of the transport.
    std::vector<std::string> queues;
    /// How long a taken message is ours without a sign of life. Renewed in the background while it is held.
    std::chrono::milliseconds lease{30000};
    /// Shown to operators by the broker.
    std::string name;
    /// Largest number of messages held at once, over all threads.
    std::size_t prefetch = 256;
};

/// Takes and settles. Thread-safe: many handler threads share one.
class Consumer
{
public:
    virtual ~Consumer();

    /// Takes up to `limit` messages that are due, by priority, then oldest first. Waits at most `wait` for the first one; an empty result means that
    /// none came, or that stop() was called. Never waits to fill the batch. Throws TransportError, and nothing was taken then.
    virtual std::vector<Delivery> take(std::size_t limit, std::chrono::milliseconds wait) = 0;

    /// Settles outside the store's transaction; for each whether it was still ours. What was not (its lease ran out) is somebody else's now.
    /// Throws TransportError when the answer is unknown: the messages come again, marked redelivered.
    virtual std::vector<bool> settle(std::span<const Settlement> settlements) = 0;

    /// The same inside an open transaction of the store, for transports that join it: false rolls that message's effects back.
    virtual bool settleWithin(StoreSession& session, const Settlement& settlement);

    /// Ends the renewal of this delivery's lease at `deadline` (its handler's), so that a handler that never returns does not keep it for ever.
    /// Without the call it is renewed as long as it is held. Does nothing where there are no leases.
    virtual void renewUntil(const Delivery& delivery, SteadyPoint deadline);

    /// Ends the waiting of all take() calls, now and later. Messages already taken stay ours until settled. May be called twice.
    virtual void stop() = 0;
};

/// Counts of one queue. An unset one is unknown, and unknown is red.
struct QueueStats
{
    std::string queue;
    std::optional<std::uint64_t> ready;
    std::optional<std::uint64_t> scheduled;
    std::optional<std::uint64_t> taken;
    /// Since when the oldest ready message may be taken; unset with none.
    std::optional<TimePoint> oldestReadySince;
    bool paused = false;
};

/// A message in a queue, for people: it stays where it is.
struct QueuedMessage
{
    Envelope envelope;
    enum class State
    {
        Ready,
        Scheduled,
        Taken
    } state = State::Ready;
    int deliveries = 0;
};

struct TransportCapabilities
{
    bool isDurable = false;
    /// Keeps due times itself; otherwise delays are kept in the store.
    bool keepsDelays = false;
    bool hasPriorities = false;
    /// purge, inspect, cancel and reschedule of what waits.
    bool canInspect = false;
    bool canDeduplicate = false;
};

/// Carries messages from publishers to workers: at least once, confirmed. Thread-safe. One object a process and configured name.
class Transport
{
public:
    virtual ~Transport();

    virtual const std::string& name() const = 0;
    virtual TransportCapabilities capabilities() const = 0;

    /// Creates what is missing; safe to repeat. Throws TransportError naming what exists with other properties, and the remedy.
    virtual void setUp() = 0;

    /// Publishes and waits until every envelope is durable or refused; results in the order given. `dueAt` and `priority` of the envelope count.
    /// Throws TransportError (StorageFull is told as Refused) when the outcome is unknown: the caller may publish again with the same ids.
    virtual std::vector<PublishResult> publish(std::span<const Envelope> envelopes) = 0;

    /// True when publishWithin() and Consumer::settleWithin() can be part of that store's transactions.
    virtual bool joins(const Store& store) const;
    virtual std::vector<PublishResult> publishWithin(StoreSession& session, std::span<const Envelope> envelopes);

    virtual std::unique_ptr<Consumer> consume(const ConsumerOptions& options) = 0;

    /// Throws TransportError when it cannot be asked.
    virtual std::vector<QueueStats> stats() = 0;

    /// While paused nothing is taken, by any process; what is taken goes on. Kept over restarts.
    virtual void setPaused(const std::string& queue, bool paused) = 0;

    /// Removes what is ready or scheduled, and says how many.
    virtual std::uint64_t purge(const std::string& queue) = 0;
    /// In the order of their ids, after `afterId`.
    virtual std::vector<QueuedMessage> inspect(const std::string& queue, std::size_t limit, const std::string& afterId) = 0;
    virtual std::optional<QueuedMessage> find(const std::string& id) = 0;

    /// Takes a message out that is not with a worker; false when there is none. The engine records it as cancelled: on transports that
    /// join the store in the same transaction.
    virtual bool cancel(const std::string& id) = 0;
    virtual bool cancelWithin(StoreSession& session, const std::string& id);
    /// Moves a message that is not with a worker to another time; false when there is none.
    virtual bool reschedule(const std::string& id, TimePoint dueAt) = 0;
};

} // namespace carillon::port
