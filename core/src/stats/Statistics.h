#pragma once

#include "carillon/Clock.h"
#include "port/Store.h"
#include "port/Transport.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::stats
{

/// One queue, as its transport counted it.
struct QueueCounts
{
    std::string transport;
    port::QueueStats queue;

    /// All that is in it; unknown when a part of it is.
    std::optional<std::uint64_t> total() const;
    /// How long the oldest message has been ready; unset with none.
    std::optional<double> oldestReadySeconds(TimePoint now) const;
};

/// What became of the messages of one type since the store was made.
struct TypeCounts
{
    std::uint64_t done = 0;
    std::uint64_t dead = 0; ///< dead letters there are now: retried and removed ones are not among them
    std::uint64_t died = 0; ///< how often one became a dead letter
    std::uint64_t expired = 0;
    std::uint64_t cancelled = 0;
    std::uint64_t retries = 0;
    std::uint64_t deferrals = 0;
};

struct Statistics
{
    TimePoint at{};
    std::vector<QueueCounts> queues;
    std::map<std::string, TypeCounts> messages;
    std::uint64_t outbox = 0;
};

/// Asks the store and these transports; blocks for their answers. Throws StoreError or TransportError when one cannot be asked.
Statistics collect(port::Store& store, std::span<port::Transport* const> transports, TimePoint now);

/// `{"messages": {type: {…}}, "outbox": n, "transports": {name: {…}}}`; an unknown number is null. With line breaks for people.
std::string toJson(const Statistics& statistics);

} // namespace carillon::stats
