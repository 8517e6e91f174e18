#pragma once

#include "fcm/MessageView.h"
#include "fcm/VirtualClock.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace carillon::fakefcm
{

/// FCM's limits; 0 switches one off.
struct QuotaLimits
{
    std::uint64_t projectPerMinute = 0; ///< FCM: 600000
    std::uint64_t devicePerMinute = 0;  ///< FCM: 240
    std::uint64_t devicePerHour = 0;    ///< FCM: 5000

    /// Collapsible messages: a burst of 20 to a device, then one in 3 minutes; the rest is answered 200 and reaches the device later.
    bool collapsibleRule = false;
};

/// Counts messages against FCM's limits. Not thread-safe.
class Quotas
{
public:
    Quotas(const QuotaLimits& limits, const VirtualClock& clock) : _limits(limits), _clock(clock) {}

    /// Counts one request of the project; false when the minute's quota is used up.
    bool spendProject();

    /// Counts one message to a device; false when its minute's or hour's quota is used up.
    bool spendDevice(const std::string& address);

    /// How much later than now the device gets this message by the rule for collapsible ones; counts it.
    std::chrono::milliseconds deviceDelay(const std::string& address, const MessageView& view);

    void clear();

private:
    struct Device
    {
        Allowance minute;
        Allowance hour;
    };

    /// A bucket of 20 that refills by one in 3 minutes, kept as the moment at which it will be full again.
    struct Collapsible
    {
        VirtualClock::TimePoint fullAt{};
    };

    const QuotaLimits _limits;
    const VirtualClock& _clock;
    Allowance _project;
    std::unordered_map<std::string, Device> _devices;
    std::unordered_map<std::string, Collapsible> _collapsibles;
};

} // namespace carillon::fakefcm
