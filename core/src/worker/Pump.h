#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "metrics/Slot.h"
#include "worker/HandledType.h"
#include "worker/Handoff.h"
#include "worker/Source.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace carillon::worker
{

/// Takes from one source, whenever a handler thread is free, and splits what came by type and over the free threads. One thread of its own.
class Pump
{
public:
    struct Options
    {
        std::size_t rank = 0;
        /// Largest packet, for types that set none of their own.
        std::size_t maxBatch = 64;
        /// An idle take ends by itself after so long. Messages wake it at once; only one whose publisher was killed before it could ring waits for this.
        std::chrono::milliseconds idleWait{1000};
    };
    /// How many more messages may be taken, asked before each take; 0: none for now (`--limit`). May be empty.
    using Budget = std::function<std::size_t(std::size_t wanted)>;
    using GiveBack = std::function<void(Source&, const std::vector<TakenMessage>&)>;

    /// All references outlive the pump.
    Pump(Source& source, Handoff& handoff, const HandledTypes& types, metrics::SlotTable& slots, const Options& options, Budget budget,
         GiveBack giveBack, const Logger& logger);
    ~Pump();

    void start();
    /// Takes nothing while quiet; what is taken goes on.
    void setQuiet(bool quiet);
    /// Quiet was obeyed: no take is under way.
    bool isResting() const;
    /// Takes nothing any more, and waits for the thread's end. May be called twice.
    void stop();

private:
    void run();
    bool waitUntilWanted(std::size_t& freeHandlers);
    void pauseAfterError(int errors);
    void pause(std::chrono::milliseconds time);
    void distribute(std::vector<port::Delivery> deliveries, std::size_t freeHandlers);

    Source& _source;
    Handoff& _handoff;
    const HandledTypes& _types;
    metrics::SlotTable& _slots;
    const Options _options;
    const Budget _budget;
    const GiveBack _giveBack;
    const Logger _logger;

    mutable std::mutex _mutex;
    std::condition_variable _changed;
    bool _resting = false;
    bool _quiet = false;
    bool _stopped = false;
    std::atomic<std::uint64_t> _batches{0};
    std::thread _thread;
};

} // namespace carillon::worker
