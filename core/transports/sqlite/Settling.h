#pragma once

#include "port/Transport.h"
#include "sqlite/Session.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace carillon::transports::sqlite
{

/// A taken message, by its row and the token of the lease under which it is held.
struct LeasedMessage
{
    std::int64_t sequence = 0;
    std::uint64_t token = 0;
    std::string concurrencyKey;
};

/// False when the lease is no longer ours: nothing was changed then.
bool settleMessage(carillon::sqlite::Session& session, const LeasedMessage& message, const port::Settlement& settlement);

/// Gives back what nobody settled; whether it was handled is unknown, so it is marked redelivered.
void abandonMessage(carillon::sqlite::Session& session, const LeasedMessage& message);

/// False when the lease is no longer ours.
bool renewLease(carillon::sqlite::Session& session, const LeasedMessage& message, std::chrono::milliseconds leaseUntil);

} // namespace carillon::transports::sqlite
