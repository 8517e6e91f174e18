#pragma once

#include "port/Transport.h"
#include "sqlite/Session.h"
#include "transports/sqlite/Claiming.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::transports::sqlite
{

/// What operators ask and do. A message is told as it would be found by a consumer now: one that is due counts as ready though no take()
/// has brought it back yet, and one that waits for its concurrency key counts as scheduled, because no free handler could take it.
struct Moment
{
    TimePoint now{};
    std::chrono::milliseconds boot{};
};

port::QueueStats queueStats(carillon::sqlite::Session& session, const Queue& queue, const Moment& moment);
std::vector<port::QueuedMessage> inspectQueue(carillon::sqlite::Session& session, const Queue& queue, const Moment& moment,
                                              std::size_t limit, const std::string& afterId);
std::optional<port::QueuedMessage> findMessage(carillon::sqlite::Session& session, std::span<const Queue> queues, const Moment& moment,
                                               const std::string& id);

void setQueuePaused(carillon::sqlite::Session& session, const Queue& queue, bool paused);

/// Removes up to `limit` messages that nobody has taken and that were there before `endSequence`; says how many.
std::uint64_t purgeSome(carillon::sqlite::Session& session, const Queue& queue, std::int64_t endSequence, std::size_t limit);
/// One more than the newest message's.
std::int64_t endOfSequences(carillon::sqlite::Session& session);

bool cancelMessage(carillon::sqlite::Session& session, std::span<const Queue> queues, const std::string& id);
bool rescheduleMessage(carillon::sqlite::Session& session, std::span<const Queue> queues, const std::string& id, TimePoint dueAt);

} // namespace carillon::transports::sqlite
