#pragma once

#include "port/Ledger.h"
#include "sqlite/BootClock.h"
#include "sqlite/Session.h"

#include <span>
#include <vector>

namespace carillon::stores::sqlite
{

/// The outbox's rows within one open transaction.
class Outbox
{
public:
    explicit Outbox(carillon::sqlite::Session& session) : _session(session) {}

    /// `origin`: the message whose decision leaves the rows; null for none.
    void add(std::span<const port::OutboxMessage> messages, const Envelope* origin);
    std::vector<port::OutboxMessage> of(const port::MessageKey& origin);

    /// Whether anything may be claimed.
    bool hasFree(const carillon::sqlite::BootClock& clock);
    std::vector<port::OutboxMessage> claim(std::size_t limit, std::chrono::milliseconds claimFor, const carillon::sqlite::BootClock& clock);
    void remove(std::span<const std::int64_t> sequences);
    std::uint64_t size();

private:
    carillon::sqlite::Session& _session;
};

} // namespace carillon::stores::sqlite
