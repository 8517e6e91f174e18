#pragma once

#include "carillon/Clock.h"
#include "port/Transport.h"
#include "sqlite/BootClock.h"
#include "sqlite/Database.h"
#include "transports/sqlite/Claiming.h"
#include "transports/sqlite/HeldMessages.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace carillon::transports::sqlite
{

/// Takes under leases that a thread of its own renews. One take() at a time waits and claims for this consumer, so that a new message wakes
/// one thread of a process, not all. What is unsettled at its end goes back, marked redelivered.
class SqliteConsumer final : public port::Consumer
{
public:
    struct Source
    {
        std::shared_ptr<carillon::sqlite::Database> database;
        std::string transport;
        std::vector<Queue> queues;
        const Clock& clock;
        const carillon::sqlite::BootClock& bootClock;
    };

    SqliteConsumer(Source source, const port::ConsumerOptions& options);
    ~SqliteConsumer() override;

    std::vector<port::Delivery> take(std::size_t limit, std::chrono::milliseconds wait) override;
    std::vector<bool> settle(std::span<const port::Settlement> settlements) override;
    bool settleWithin(StoreSession& session, const port::Settlement& settlement) override;
    void renewUntil(const port::Delivery& delivery, SteadyPoint deadline) override;
    void stop() override;

private:
    std::vector<port::Delivery> takeUntil(std::size_t limit, SteadyPoint deadline);
    Claim claim(std::size_t limit);
    bool settleInside(carillon::sqlite::Session& session, const port::Settlement& settlement);
    void startRenewing();
    void keepLeases();
    void renewOnce(const std::vector<LeasedMessage>& messages);
    void giveBackRest() noexcept;

    Source _source;
    port::ConsumerOptions _options;
    carillon::sqlite::ChangeSignal _messagesCame;
    /// Shared with actions that run after commits, perhaps on another thread's way out.
    std::shared_ptr<HeldMessages> _held = std::make_shared<HeldMessages>();

    std::mutex _takingMutex;
    std::condition_variable _takingEnded;
    bool _isTaking = false;
    std::atomic<bool> _isStopped{false};
    std::atomic<std::uint64_t> _nextToken;

    std::mutex _renewalMutex;
    std::condition_variable _renewalChanged;
    bool _mayRenew = false;
    bool _isEnding = false;
    std::thread _renewal;
};

} // namespace carillon::transports::sqlite
