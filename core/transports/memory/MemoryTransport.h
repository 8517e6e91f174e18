#pragma once

#include "carillon/Clock.h"
#include "port/Transport.h"
#include "transports/memory/SharedMessages.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace carillon::transports::memory
{

struct MemoryTransportOptions
{
    /// The configured name, for errors.
    std::string name;

    /// At least one. Publishing goes to the first; consumers that name none take from all, the first one first.
    std::vector<std::string> queues;

    /// A larger body is refused.
    std::size_t maxBody = 256ULL << 10;
};

/// Queues in this process's memory: what every transport does, except to survive. For tests and trials; it joins no store.
class MemoryTransport final : public port::Transport
{
public:
    /// The clock must outlive this and its consumers.
    explicit MemoryTransport(MemoryTransportOptions options, const Clock& clock = systemClock());
    ~MemoryTransport() override;

    const std::string& name() const override { return _options.name; }
    port::TransportCapabilities capabilities() const override;
    void setUp() override {}

    std::vector<port::PublishResult> publish(std::span<const Envelope> envelopes) override;
    std::unique_ptr<port::Consumer> consume(const port::ConsumerOptions& options) override;

    std::vector<port::QueueStats> stats() override;
    void setPaused(const std::string& queue, bool paused) override;
    std::uint64_t purge(const std::string& queue) override;
    std::vector<port::QueuedMessage> inspect(const std::string& queue, std::size_t limit, const std::string& afterId) override;
    std::optional<port::QueuedMessage> find(const std::string& id) override;
    bool cancel(const std::string& id) override;
    bool reschedule(const std::string& id, TimePoint dueAt) override;

private:
    std::size_t queueNamed(const std::string& name) const;
    /// Runs `change` under the lock, then wakes the waiting.
    template <typename Change>
    auto changing(Change&& change);

    MemoryTransportOptions _options;
    std::shared_ptr<SharedMessages> _messages;
};

} // namespace carillon::transports::memory
