#pragma once

#include "admin/Observer.h"
#include "metrics/Snapshot.h"

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace carillon::admin
{

/// What a worker group is to do.
struct ConsumingGroup
{
    std::vector<std::string> transports;
    std::chrono::milliseconds stallAfter{30000};
};

/// A reason why a group is not seen to consume; `transport` is empty when it is the group's as a whole.
struct Stall
{
    std::string group;
    std::string transport;
    std::string reason;
};

/// Promise 4: a group stalls when messages wait, one of its handlers is free, nothing is paused or broken open, and none has reached a
/// handler for `stallAfter`; also when it has no worker, and when it is not known how many wait. `bootNow` is the boards' time. Pure; empty
/// means green.
std::vector<Stall> findStalls(const std::map<std::string, ConsumingGroup>& groups, std::span<const metrics::BoardSnapshot> boards,
                              const std::optional<Observation>& observation, std::chrono::nanoseconds bootNow);

} // namespace carillon::admin
