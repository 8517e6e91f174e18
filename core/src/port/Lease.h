#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace carillon::port
{

/// Named leases: one holder at a time over all processes, with a fencing token that only grows. Time is the machine's boot clock, so a
/// changed wall clock neither ends nor prolongs a lease; a lease of an earlier boot is over. Thread-safe; throws StoreError.
class Lease
{
public:
    virtual ~Lease();

    /// The token when `holder` has the lease now (taken or renewed), nothing while another has it.
    virtual std::optional<std::int64_t> acquire(const std::string& name, const std::string& holder, std::chrono::milliseconds duration) = 0;
    virtual void release(const std::string& name, const std::string& holder) = 0;
    /// Who has it now; empty when nobody.
    virtual std::string holder(const std::string& name) = 0;
};

} // namespace carillon::port
