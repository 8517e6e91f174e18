#pragma once

#include "metrics/Board.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::metrics
{

enum class SlotState : std::uint32_t
{
    Free,
    Filling, ///< claimed, not readable yet
    Taken,   ///< in the process's hands
    Running  ///< a thread is in its handler
};

/// What is known of a message when it is taken, before it is decoded: type, plugin and attempt may still be missing.
struct InFlight
{
    std::string_view id{}; ///< 71 bytes are kept, of type 63, of plugin 39
    std::string_view type{};
    std::string_view plugin{};
    std::uint32_t attempt = 0;
    std::uint64_t batch = 0; ///< a number of the process's own, the same for all messages that go through the chain together
    std::uint32_t index = 0; ///< within the batch
};

/// The message's entry on the board while it lives; freed by its end. Moves with the delivery from thread to thread; one at a time uses it.
class Slot
{
public:
    Slot() = default;
    explicit Slot(layout::Slot& record) : _record(&record) {}
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot() { end(); }

    /// After decoding: what was not known at the take.
    void describe(const InFlight& message) noexcept;

    /// The calling thread runs the handler from now on, until `deadline` (boot time, 0: none) at most.
    void enter(std::chrono::nanoseconds deadline) noexcept;
    /// It does not any more; the message is still taken.
    void leave() noexcept;
    /// The message is settled. May be called twice.
    void end() noexcept;

    /// Where the fatal-signal handler writes; nullptr when the table was full.
    layout::Slot* record() const noexcept { return _record; }

private:
    layout::Slot* _record = nullptr;
};

/// The slots of a board. Thread-safe, lock-free; a begin is a compare-and-swap and some twenty stores.
class SlotTable
{
public:
    /// `board` outlives the table and its slots.
    explicit SlotTable(Board& board) : _board(board) {}

    /// Fills a free slot. An empty Slot when none is free (counted on the board): the message is processed all the same, but its crash
    /// could only be suspected.
    Slot begin(const InFlight& message) noexcept;

private:
    Board& _board;
    std::atomic<std::uint32_t> _next{0};
};

} // namespace carillon::metrics
