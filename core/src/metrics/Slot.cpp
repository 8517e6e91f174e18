#include "metrics/Slot.h"

#include "metrics/BootClock.h"

#include <unistd.h>
#include <utility>

namespace carillon::metrics
{
namespace
{

/// Probes before another slot is brought into use: few, so that a take costs little; more than one, so that readers scan few slots.
constexpr std::uint32_t probes = 8;

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto release = std::memory_order_release;

bool claim(layout::Slot& slot) noexcept
{
    auto expected = static_cast<std::uint32_t>(SlotState::Free);
    return slot.state.compare_exchange_strong(expected, static_cast<std::uint32_t>(SlotState::Filling), std::memory_order_acquire, relaxed);
}

void fill(layout::Slot& slot, const InFlight& message) noexcept
{
    const auto sequence = slot.sequence.load(relaxed);
    slot.sequence.store(sequence + 1, relaxed);
    slot.id.store(message.id);
    slot.type.store(message.type);
    slot.plugin.store(message.plugin);
    slot.attempt.store(message.attempt, release);
    slot.batch.store(message.batch, release);
    slot.index.store(message.index, release);
    slot.sequence.store(sequence + 2, release);
}

} // namespace

Slot::Slot(Slot&& other) noexcept : _record(std::exchange(other._record, nullptr)) {}

Slot& Slot::operator=(Slot&& other) noexcept
{
    if (this == &other) return *this;
    end();
    _record = std::exchange(other._record, nullptr);
    return *this;
}

void Slot::describe(const InFlight& message) noexcept
{
    if (_record != nullptr) fill(*_record, message);
}

void Slot::enter(std::chrono::nanoseconds deadline) noexcept
{
    if (_record == nullptr) return;
    // gettid is a system call; a thread's id never changes.
    thread_local const auto thread = static_cast<std::uint32_t>(::gettid());
    _record->thread.store(thread, relaxed);
    _record->deadline.store(static_cast<std::uint64_t>(deadline.count()), relaxed);
    _record->state.store(static_cast<std::uint32_t>(SlotState::Running), release);
}

void Slot::leave() noexcept
{
    if (_record != nullptr) _record->state.store(static_cast<std::uint32_t>(SlotState::Taken), release);
}

void Slot::end() noexcept
{
    if (_record == nullptr) return;
    _record->state.store(static_cast<std::uint32_t>(SlotState::Free), release);
    _record = nullptr;
}

Slot SlotTable::begin(const InFlight& message) noexcept
{
    auto& memory = _board.memory();
    auto& usedSlots = memory.header.slotsUsed;
    const auto take = [&](layout::Slot& slot)
    {
        slot.started.store(static_cast<std::uint64_t>(bootNow().count()), release);
        slot.deadline.store(0, release);
        slot.thread.store(0, release);
        slot.crashSignal.store(0, release);
        fill(slot, message);
        slot.state.store(static_cast<std::uint32_t>(SlotState::Taken), release);
        return Slot(slot);
    };

    auto used = usedSlots.load(std::memory_order_acquire);
    const auto limit = used < layout::slotCount ? std::min(used, probes) : used;
    for (std::uint32_t probe = 0; probe < limit; ++probe)
    {
        auto& slot = memory.slots[_next.fetch_add(1, relaxed) % used];
        if (claim(slot)) return take(slot);
    }
    while (used < layout::slotCount)
    {
        if (!usedSlots.compare_exchange_weak(used, used + 1, std::memory_order_acq_rel)) continue;
        // Another thread may have probed it the moment it came into use.
        if (claim(memory.slots[used])) return take(memory.slots[used]);
        ++used;
    }
    memory.header.slotsRefused.fetch_add(1, relaxed);
    return {};
}

} // namespace carillon::metrics
