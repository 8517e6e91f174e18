#pragma once

#include "carillon/Clock.h"
#include "transports/sqlite/Settling.h"

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace carillon::transports::sqlite
{

/// What one consumer has taken and not settled, by the delivery's handle. Thread-safe; never waits for the database.
class HeldMessages
{
public:
    void add(const LeasedMessage& message);
    std::optional<LeasedMessage> find(std::uint64_t handle) const;
    void remove(std::uint64_t handle);
    void endRenewalAt(std::uint64_t handle, SteadyPoint deadline);

    std::size_t count() const;
    /// Those to be renewed at `now`.
    std::vector<LeasedMessage> renewable(SteadyPoint now) const;
    std::vector<LeasedMessage> all() const;

private:
    struct Entry
    {
        LeasedMessage message;
        std::optional<SteadyPoint> renewedUntil;
    };

    mutable std::mutex _mutex;
    std::unordered_map<std::uint64_t, Entry> _entries;
};

} // namespace carillon::transports::sqlite
