#pragma once

#include "config/Configuration.h"

#include <Poco/Channel.h>

#include <chrono>
#include <cstdint>
#include <memory>

namespace carillon::log
{

/// Hands messages to a thread that passes them on, through a bounded queue. Thread-safe.
///
/// Poco's AsyncChannel will not do: its bounded queue drops a fatal line as readily as a debug one, counts drops in a plain integer that
/// threads race for, and its close() waits for ever on an output that nobody reads, which would keep a process from stopping.
///
/// Full queue: see config::LogOverflow. Drops, and failures of the output, are counted, and reported in the log as soon as it moves again.
class QueueChannel : public Poco::Channel
{
public:
    struct Limits
    {
        std::size_t size = 8192;
        config::LogOverflow overflow = config::LogOverflow::Drop;
        std::chrono::milliseconds overflowWait{100};
    };

    /// The thread is started here, with all signals blocked.
    QueueChannel(Poco::Channel::Ptr target, const Limits& limits);

    void log(const Poco::Message& message) override;

    /// Waits until everything queued before was passed on. False when `deadline` came first.
    bool flush(std::chrono::milliseconds deadline);

    /// Passes on what is queued, for at most `deadline`, and ends the thread. A thread that hangs in the output is left behind, and what it
    /// still holds is counted as lost. What is logged later is lost and counted. Harmless when done twice.
    void stop(std::chrono::milliseconds deadline);

    /// Messages dropped, or refused by the output.
    std::uint64_t lost() const;

protected:
    ~QueueChannel() override;

private:
    struct State;
    static void run(std::shared_ptr<State> state);

    std::shared_ptr<State> _state;
};

} // namespace carillon::log
