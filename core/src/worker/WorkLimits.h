#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace carillon::worker
{

/// After how much work a worker ends by itself; 0 is never. Each lets the messages in hand finish.
struct WorkLimits
{
    std::uint64_t messages = 0;
    std::uint64_t failures = 0;
};

/// Counts towards the limits, and says once which was reached. Thread-safe.
class WorkCounter
{
public:
    explicit WorkCounter(const WorkLimits& limits) : _limits(limits), _left(static_cast<std::int64_t>(limits.messages)) {}

    /// How many of `wanted` may be taken now; a negative number gives back what was not used.
    std::size_t reserve(std::int64_t wanted)
    {
        if (_limits.failures > 0 && wanted > 0)
        {
            // All that is taken may fail: never more than may fail yet (what other threads have in hand aside).
            const auto left = static_cast<std::int64_t>(_limits.failures) - static_cast<std::int64_t>(failed());
            if (left <= 0) return 0;
            wanted = wanted < left ? wanted : left;
        }
        if (_limits.messages == 0) return wanted > 0 ? static_cast<std::size_t>(wanted) : 0;
        auto left = _left.load();
        while (true)
        {
            const std::int64_t granted = wanted < left ? wanted : left;
            if (_left.compare_exchange_weak(left, left - granted)) return granted > 0 ? static_cast<std::size_t>(granted) : 0;
        }
    }

    void finished(std::uint64_t messages, std::uint64_t failures)
    {
        _handled.fetch_add(messages);
        _failed.fetch_add(failures);
    }

    std::uint64_t handled() const { return _handled.load(); }
    std::uint64_t failed() const { return _failed.load(); }

    /// `10 messages` or `3 failures` once that limit is reached; else empty.
    std::string reached() const
    {
        if (_limits.failures > 0 && failed() >= _limits.failures) return std::to_string(_limits.failures) + " failures";
        if (_limits.messages > 0 && handled() >= _limits.messages) return std::to_string(_limits.messages) + " messages";
        return {};
    }

private:
    const WorkLimits _limits;
    std::atomic<std::int64_t> _left;
    std::atomic<std::uint64_t> _handled{0};
    std::atomic<std::uint64_t> _failed{0};
};

} // namespace carillon::worker
