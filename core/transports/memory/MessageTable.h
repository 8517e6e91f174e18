#pragma once

#include "carillon/Clock.h"
#include "port/Transport.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace carillon::transports::memory
{

/// The messages of a memory transport and where each stands, with an index for each question. Means what the SQLite transport's table
/// means. Not thread-safe: SharedMessages locks.
class MessageTable
{
public:
    struct Moment
    {
        TimePoint now{};
        SteadyPoint steady{};
    };

    struct Queue
    {
        std::string name;
        bool isPaused = false;
    };

    explicit MessageTable(const std::vector<std::string>& queues);

    std::vector<Queue>& queues() { return _queues; }

    /// Confirmed, or the id of the one that was there before.
    port::PublishResult insert(std::size_t queue, const Envelope& envelope, TimePoint now);

    /// Brings back what is due and what lost its lease, then takes by priority and age. Paused queues give nothing.
    std::vector<port::Delivery> take(std::size_t queue, std::size_t limit, const Moment& moment, std::chrono::milliseconds lease);
    /// How long there is surely nothing more in this queue unless somebody changes it; unset: for ever.
    std::optional<std::chrono::nanoseconds> idleFor(std::size_t queue, const Moment& moment) const;

    /// False when the handle's lease is over.
    bool settle(std::uint64_t handle, const port::Settlement& settlement);
    void abandon(std::uint64_t handle);
    /// The lease lasts as long as its consumer renews it: for ever, or until here (but not shorter than the lease).
    void renewUntil(std::uint64_t handle, SteadyPoint deadline);

    port::QueueStats stats(std::size_t queue, const Moment& moment) const;
    std::uint64_t purge(std::size_t queue);
    std::vector<port::QueuedMessage> inspect(std::size_t queue, std::size_t limit, const std::string& afterId, const Moment& moment) const;
    std::optional<port::QueuedMessage> find(const std::string& id, const Moment& moment) const;
    bool cancel(const std::string& id);
    bool reschedule(const std::string& id, TimePoint dueAt);

private:
    enum class State
    {
        Ready,
        Scheduled,
        Taken,
        Blocked ///< another of its concurrency key is taken
    };
    struct Message
    {
        std::uint64_t sequence = 0;
        std::size_t queue = 0;
        State state = State::Ready;
        Envelope envelope;
        TimePoint readyAt{};
        std::uint64_t handle = 0;
        SteadyPoint leaseUntil{};
        SteadyPoint expiry = SteadyPoint::max();
        int deliveries = 0;
        bool redelivered = false;
    };
    /// Priority (negated), time, sequence: the smallest goes first.
    using Rank = std::tuple<int, TimePoint, std::uint64_t>;

    static Rank rankOf(const Message& message) { return {-message.envelope.priority, message.readyAt, message.sequence}; }
    bool isLost(const Message& message, SteadyPoint steady) const { return message.state == State::Taken && message.expiry <= steady; }
    port::QueuedMessage shown(const Message& message, const Moment& moment) const;

    void enterIndex(Message& message);
    void leaveIndex(const Message& message);
    void move(Message& message, State state);
    void erase(Message& message);
    void freeKey(const std::string& key);
    std::vector<std::uint64_t> untakenOf(const std::string& id) const;

    std::vector<Queue> _queues;
    std::unordered_map<std::uint64_t, Message> _messages;
    std::uint64_t _nextSequence = 1;
    std::uint64_t _nextHandle = 1;

    std::map<std::tuple<std::size_t, std::string, std::string>, std::uint64_t> _byId;
    std::map<std::pair<std::size_t, std::string>, std::uint64_t> _byDedupeKey;
    std::vector<std::set<Rank>> _ready;
    std::vector<std::set<std::pair<TimePoint, std::uint64_t>>> _scheduled;
    std::vector<std::set<std::pair<SteadyPoint, std::uint64_t>>> _taken;
    std::unordered_map<std::uint64_t, std::uint64_t> _byHandle;
    std::set<std::string> _takenKeys;
    std::map<std::pair<std::string, std::size_t>, std::set<Rank>> _blocked;
};

} // namespace carillon::transports::memory
