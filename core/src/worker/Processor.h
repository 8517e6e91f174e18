#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "metrics/MetricsRegistry.h"
#include "worker/HandledType.h"
#include "worker/Settler.h"
#include "worker/Source.h"
#include "worker/WorkLimits.h"

#include <functional>
#include <string>

namespace carillon::worker
{

/// Takes one packet from decoding to settling, on the calling thread. Thread-safe.
class Processor
{
public:
    struct Options
    {
        schema::BodyLimits limits;
        /// How long a message waits whose type nobody here handles, before it is looked at again.
        std::chrono::milliseconds unhandledPause{30000};
        /// How long a decision that the store cannot take is tried again before the messages are given back.
        std::chrono::milliseconds storePatience{60000};
    };

    Processor(const HandledTypes& types, Settler& settler, WorkCounter& counter, metrics::MetricsRegistry& registry, const Options& options,
              const Clock& clock, const Logger& logger);

    /// Never throws: what goes wrong is logged, and the messages are given back. Waiting for a full disk ends early once `isHurried` says so.
    void process(WorkPacket& packet, const std::function<bool()>& isHurried) const;

private:
    void examine(const HandledType* type, TakenMessage& taken, Envelope& upcasted, BatchItem& item) const;
    bool settlePatiently(WorkPacket& packet, const HandledType* type, Batch items, std::span<const port::Delivery* const> deliveries,
                         const std::function<bool()>& isHurried) const;

    const HandledTypes& _types;
    Settler& _settler;
    WorkCounter& _counter;
    metrics::Board& _board;
    metrics::Counter _unhandled;
    metrics::Counter _storeErrors;
    const Options _options;
    const Clock& _clock;
    const Logger _logger;
};

} // namespace carillon::worker
