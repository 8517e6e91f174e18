#pragma once

#include "port/Transport.h"
#include "sqlite/Session.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::transports::sqlite
{

struct Queue
{
    std::int64_t id = 0;
    std::string name;
};

/// The two times of a claim: due times are the wall's, leases the boot clock's.
struct ClaimTimes
{
    TimePoint now{};
    std::chrono::milliseconds boot{};
    std::chrono::milliseconds leaseUntil{};
};

struct ClaimedMessage
{
    port::Delivery delivery;
    std::int64_t sequence = 0;
};

struct Claim
{
    std::vector<ClaimedMessage> messages;
    /// With no message: how long from now there is surely none, unless somebody announces one; unset: for ever.
    std::optional<std::chrono::milliseconds> idleFor;
};

/// Takes up to `limit` messages of the queues, the first queue first: brings back what is due and what lost its lease, then by priority and
/// age. Lease tokens count up from `token`, and are the deliveries' handles.
Claim claimMessages(carillon::sqlite::Session& session, std::span<const Queue> queues, std::size_t limit, const ClaimTimes& times,
                    std::uint64_t token);

/// After a reboot no lease holds: what was taken is ready again, redelivered. Cheap when there was none.
void endLeasesOfOtherBoots(carillon::sqlite::Session& session, const std::string& bootId);

} // namespace carillon::transports::sqlite
