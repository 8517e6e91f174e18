#pragma once

#include "port/Ledger.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::port
{

/// Messages that wait in the store because their transport keeps no delays. Thread-safe; throws StoreError.
class Delays
{
public:
    virtual ~Delays();

    /// Adds or replaces (same type and id); `envelope.dueAt` is required.
    virtual void put(std::span<const OutboxMessage> delayed) = 0;
    virtual void putWithin(StoreSession& session, std::span<const OutboxMessage> delayed) = 0;

    /// Those due at `now` whose claim is free or older than `claimFor`, earliest first; claimed for the caller.
    virtual std::vector<OutboxMessage> claimDue(TimePoint now, std::size_t limit, std::chrono::milliseconds claimFor) = 0;
    virtual void markPublished(std::span<const std::int64_t> sequences) = 0;
    /// When the next one is due that nobody has claimed; nothing when none waits.
    virtual std::optional<TimePoint> nextDue() = 0;

    virtual std::vector<OutboxMessage> list(const std::string& transport, std::size_t limit, std::int64_t afterSequence) = 0;
    virtual std::uint64_t count(const std::string& transport) = 0;
    /// Claimed ones can be neither cancelled nor moved: false.
    virtual bool cancel(const std::string& id) = 0;
    virtual bool reschedule(const std::string& id, TimePoint dueAt) = 0;
};

} // namespace carillon::port
