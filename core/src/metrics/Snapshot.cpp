#include "metrics/Snapshot.h"

#include <algorithm>
#include <thread>

namespace carillon::metrics
{
namespace
{

using std::chrono::nanoseconds;

/// A fold takes well under a millisecond. A master that died in one must not stop the readers: then the last reading counts.
constexpr int maxReadings = 1000;
constexpr int maxSlotReadings = 16;

constexpr auto acquire = std::memory_order_acquire;

nanoseconds timeIn(const layout::Word& word) { return nanoseconds(static_cast<std::int64_t>(word.load(acquire))); }

SlotSnapshot copyOf(const layout::Slot& slot)
{
    SlotSnapshot copy;
    copy.state = static_cast<SlotState>(slot.state.load(acquire));
    copy.id = slot.id.load();
    copy.type = slot.type.load();
    copy.plugin = slot.plugin.load();
    copy.attempt = slot.attempt.load(acquire);
    copy.batch = slot.batch.load(acquire);
    copy.index = slot.index.load(acquire);
    copy.started = timeIn(slot.started);
    copy.deadline = timeIn(slot.deadline);
    copy.thread = slot.thread.load(acquire);
    copy.crashSignal = slot.crashSignal.load(acquire);
    copy.crashAddress = slot.crashAddress.load(acquire);
    copy.crashCounter = slot.crashCounter.load(acquire);
    return copy;
}

std::size_t usedOf(const layout::HalfWord& used, std::size_t limit) { return std::min<std::size_t>(used.load(acquire), limit); }

} // namespace

const SeriesSnapshot* BoardSnapshot::find(std::string_view name, std::string_view labels) const
{
    const auto found = std::find_if(series.begin(), series.end(),
                                    [&](const SeriesSnapshot& one) { return families[one.family].name == name && one.labels == labels; });
    return found == series.end() ? nullptr : &*found;
}

BoardSnapshot snapshot(const Board& board)
{
    const auto& memory = board.memory();
    const auto& header = memory.header;

    BoardSnapshot copy;
    copy.identity = board.identity();
    copy.pid = board.pid();
    copy.state = board.state();
    copy.started = board.started();
    copy.heartbeat = board.lastBeat();
    copy.reachedHandler = board.lastReachedHandler();
    copy.handlerThreads = header.handlerThreads.load(acquire);
    copy.busyHandlers = header.busyHandlers.load(acquire);
    copy.paused = header.paused.load(acquire);
    copy.note = board.note();
    copy.slotsRefused = header.slotsRefused.load(acquire);
    copy.seriesRefused = header.seriesRefused.load(acquire);

    // Cells first: a family is published before its first cell, so every family that a seen cell names will be seen.
    const auto cells = usedOf(header.cellsUsed, layout::cellCount);
    const auto families = usedOf(header.familiesUsed, layout::familyCount);
    for (std::size_t index = 0; index < families; ++index)
    {
        const auto& family = memory.families[index];
        if (family.published.load(acquire) == 0) break; // the board was emptied meanwhile; the caller reads again
        copy.families.push_back({family.name.load(), family.help.load(), static_cast<Kind>(family.kind.load(acquire)),
                                 static_cast<Buckets>(family.buckets.load(acquire)), static_cast<GaugeRule>(family.rule.load(acquire))});
    }
    for (std::size_t index = 0; index < cells; ++index)
    {
        const auto& cell = memory.cells[index];
        if (cell.published.load(acquire) == 0) break;
        const std::size_t family = cell.family.load(acquire);
        if (family >= copy.families.size()) break;
        auto& series = copy.series.emplace_back();
        series.family = family;
        series.labels = cell.labels.load();
        for (std::size_t value = 0; value < series.values.size(); ++value) series.values[value] = cell.values[value].load(acquire);
    }
    return copy;
}

std::vector<SlotSnapshot> slotsOf(const Board& board)
{
    const auto& memory = board.memory();
    std::vector<SlotSnapshot> slots;
    const auto used = usedOf(memory.header.slotsUsed, layout::slotCount);
    for (std::size_t index = 0; index < used; ++index)
    {
        const auto& slot = memory.slots[index];
        for (int reading = 0; reading < maxSlotReadings; ++reading)
        {
            const auto sequence = slot.sequence.load(acquire);
            auto copy = copyOf(slot);
            if (copy.state == SlotState::Free || copy.state == SlotState::Filling) break;
            if (sequence % 2 != 0 || slot.sequence.load(acquire) != sequence) continue;
            slots.push_back(std::move(copy));
            break;
        }
    }
    std::sort(slots.begin(), slots.end(), [](const SlotSnapshot& left, const SlotSnapshot& right) { return left.started < right.started; });
    return slots;
}

std::vector<BoardSnapshot> BoardSet::read() const
{
    if (_boards.empty()) return {};
    const auto& sequence = _boards.front()->memory().header.foldSequence;
    std::vector<BoardSnapshot> copies;
    for (int reading = 0; reading < maxReadings; ++reading)
    {
        const auto before = sequence.load(acquire);
        copies.clear();
        for (const auto& board : _boards)
        {
            auto copy = snapshot(*board);
            if (copy.identity.role != Role::None) copies.push_back(std::move(copy));
        }
        if (before % 2 == 0 && sequence.load(acquire) == before) break;
        std::this_thread::yield();
    }
    return copies;
}

} // namespace carillon::metrics
