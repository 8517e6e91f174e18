#pragma once

#include "port/Transport.h"
#include "transports/memory/SharedMessages.h"

#include <memory>
#include <set>
#include <vector>

namespace carillon::transports::memory
{

/// Its leases need no renewing thread: they last while this lives, or until the deadline given. What is unsettled at its end goes back.
class MemoryConsumer final : public port::Consumer
{
public:
    MemoryConsumer(std::shared_ptr<SharedMessages> messages, std::vector<std::size_t> queues, const port::ConsumerOptions& options);
    ~MemoryConsumer() override;

    std::vector<port::Delivery> take(std::size_t limit, std::chrono::milliseconds wait) override;
    std::vector<bool> settle(std::span<const port::Settlement> settlements) override;
    void renewUntil(const port::Delivery& delivery, SteadyPoint deadline) override;
    void stop() override;

private:
    std::vector<port::Delivery> takeNow(std::size_t limit);
    std::optional<std::chrono::nanoseconds> idleFor() const;

    std::shared_ptr<SharedMessages> _messages;
    std::vector<std::size_t> _queues;
    port::ConsumerOptions _options;
    /// Guarded by the shared mutex, as the rest.
    std::set<std::uint64_t> _held;
    bool _isStopped = false;
};

} // namespace carillon::transports::memory
