#pragma once

#include "metrics/Board.h"
#include "metrics/MetricsRegistry.h"
#include "metrics/Slot.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace carillon::metrics
{

struct FamilySnapshot
{
    std::string name;
    std::string help;
    Kind kind = Kind::Counter;
    Buckets buckets = Buckets::Seconds;
    GaugeRule rule = GaugeRule::Sum;
};

struct SeriesSnapshot
{
    std::size_t family = 0; ///< index into BoardSnapshot::families
    std::string labels;     ///< escaped, without braces
    std::array<std::uint64_t, layout::valueCount> values{};
};

struct SlotSnapshot
{
    SlotState state = SlotState::Free;
    std::string id;
    std::string type;
    std::string plugin;
    std::uint32_t attempt = 0;
    std::uint64_t batch = 0;
    std::uint32_t index = 0;
    std::chrono::nanoseconds started{0};  ///< boot time
    std::chrono::nanoseconds deadline{0}; ///< boot time; 0: none
    std::uint32_t thread = 0;
    std::uint32_t crashSignal = 0; ///< not 0: this message's thread received it
    std::uint64_t crashAddress = 0;
    std::uint64_t crashCounter = 0;
};

/// What a board said at one moment.
struct BoardSnapshot
{
    Identity identity;
    std::uint32_t pid = 0; ///< 0: nobody's
    State state = State::Starting;
    std::chrono::nanoseconds started{0}; ///< boot time
    std::chrono::nanoseconds heartbeat{0};
    std::chrono::nanoseconds reachedHandler{0}; ///< 0: none did yet
    std::uint32_t handlerThreads = 0;
    std::uint32_t busyHandlers = 0;
    std::uint32_t paused = 0;
    std::uint32_t seriesRefused = 0;
    std::uint64_t slotsRefused = 0;
    std::string note;
    std::vector<FamilySnapshot> families;
    std::vector<SeriesSnapshot> series;

    const SeriesSnapshot* find(std::string_view name, std::string_view labels) const;
};

/// Reads one board. Never blocks, never throws but for memory.
BoardSnapshot snapshot(const Board& board);

/// The messages in flight on a board, in order of take.
std::vector<SlotSnapshot> slotsOf(const Board& board);

/// All boards of an instance, the master's first: what the admin is handed. Thread-safe.
class BoardSet
{
public:
    explicit BoardSet(std::vector<std::shared_ptr<const Board>> boards) : _boards(std::move(boards)) {}

    /// The boards that a process has or had, as they fit together: no dead child's counters are missing or counted twice.
    std::vector<BoardSnapshot> read() const;

    const std::vector<std::shared_ptr<const Board>>& boards() const noexcept { return _boards; }

private:
    std::vector<std::shared_ptr<const Board>> _boards;
};

} // namespace carillon::metrics
