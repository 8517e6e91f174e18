#pragma once

#include "worker/Handoff.h"
#include "worker/Processor.h"
#include "worker/Pump.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace carillon::worker
{

/// A worker process's threads: one pump a source, `threads` handlers. Start once, stop once; the methods may be called from any thread.
class WorkerPool
{
public:
    struct Options
    {
        std::size_t threads = 4;
        std::size_t maxBatch = 64;
        WorkLimits limits;
        std::chrono::milliseconds idleWait{1000};
        Processor::Options processing;
    };

    /// Sources in order of priority. All references outlive the pool.
    WorkerPool(std::vector<Source> sources, const HandledTypes& types, port::Store& store, const publish::Publisher& publisher,
               metrics::MetricsRegistry& registry, metrics::SlotTable& slots, const Options& options, const Clock& clock, const Logger& logger);
    ~WorkerPool();

    void start();
    /// Takes nothing new while quiet.
    void setQuiet(bool quiet);
    /// Quiet was obeyed by all pumps: takes that were under way have come back.
    bool isResting() const;

    /// Takes nothing new and gives back what no handler has begun. May be called twice.
    void beginDrain();
    /// Waits until the handlers are done, at most `timeout`; true when all are.
    bool waitDrained(std::chrono::milliseconds timeout);
    /// Gives back what handlers still hold; their own settling comes too late then. A thread cannot be taken out of a handler: the process must
    /// end at once afterwards.
    void abandon();
    /// Ends the waiting for a store that takes no decisions.
    void hurry() { _hurried = true; }

    /// What limit was reached; empty while none is.
    std::string reachedLimit() const { return _counter.reached(); }
    std::uint64_t handled() const { return _counter.handled(); }

private:
    void runHandler();
    void giveBack(Source& source, const std::vector<TakenMessage>& messages) const;

    const Options _options;
    metrics::Board& _board;
    const Logger _logger;
    std::vector<Source> _sources;
    Handoff _handoff;
    WorkCounter _counter;
    Settler _settler;
    Processor _processor;
    std::deque<Pump> _pumps;
    std::vector<std::thread> _handlers;
    std::atomic<bool> _hurried{false};

    std::mutex _mutex;
    std::condition_variable _handlerEnded;
    std::size_t _running = 0;
    /// What handlers have in hand.
    std::list<WorkPacket> _active;
};

} // namespace carillon::worker
