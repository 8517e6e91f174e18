#pragma once

#include "carillon/Clock.h"
#include "transports/memory/MessageTable.h"

#include <condition_variable>
#include <mutex>

namespace carillon::transports::memory
{

/// What a memory transport and its consumers share. `mutex` guards `table`; `changed` is notified after anything that a consumer may wait
/// for.
struct SharedMessages
{
    SharedMessages(const std::vector<std::string>& queues, const Clock& ofClock) : table(queues), clock(ofClock) {}

    MessageTable::Moment moment() const { return {clock.now(), clock.steady()}; }

    std::mutex mutex;
    std::condition_variable changed;
    MessageTable table;
    const Clock& clock;
};

} // namespace carillon::transports::memory
