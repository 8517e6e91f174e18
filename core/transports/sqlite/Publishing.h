#pragma once

#include "port/Transport.h"
#include "sqlite/Session.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace carillon::transports::sqlite
{

/// Where and how much.
struct PublishTarget
{
    std::int64_t queue = 0;
    std::size_t maxBody = 0;
    /// For the reason of a refusal.
    std::string transport;
};

/// Adds one message, or says why not. The caller has made sure of the space.
port::PublishResult insertMessage(carillon::sqlite::Session& session, const PublishTarget& target, const Envelope& envelope, TimePoint now);

} // namespace carillon::transports::sqlite
