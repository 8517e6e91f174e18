#pragma once

#include <Poco/Channel.h>

#include <cstdint>
#include <mutex>

namespace carillon::log
{

/// Passes messages on in the thread that logs, one at a time, for a process that must have no other thread. What the output refuses is
/// counted, and told in the log as soon as it works again. Never throws. Thread-safe.
class DirectChannel : public Poco::Channel
{
public:
    explicit DirectChannel(Poco::Channel::Ptr target) : _target(std::move(target)) {}

    void log(const Poco::Message& message) override;

    /// Messages that the output refused.
    std::uint64_t lost() const;

private:
    bool passOn(const Poco::Message& message);

    mutable std::mutex _mutex;
    Poco::Channel::Ptr _target;
    std::uint64_t _lost = 0;
    std::uint64_t _unreported = 0;
};

} // namespace carillon::log
