#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The bytes of a board. Processes of one generation and its successor read each other's boards, so a change that moves or redefines a
/// field raises `version`. Only lock-free atomics: a process may die, or be stopped, between any two instructions.
namespace carillon::metrics::layout
{

inline constexpr std::uint64_t magic = 0x314452414f424c43ULL; // "CLBOARD1"
inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t familyCount = 160;
inline constexpr std::size_t cellCount = 1024;
inline constexpr std::size_t slotCount = 1024;
inline constexpr std::size_t maxBucketBounds = 24;

/// Counts of `maxBucketBounds` buckets and +Inf, then the sum.
inline constexpr std::size_t valueCount = maxBucketBounds + 2;
inline constexpr std::size_t sumIndex = maxBucketBounds + 1;

using Word = std::atomic<std::uint64_t>;
using HalfWord = std::atomic<std::uint32_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == 8);
static_assert(HalfWord::is_always_lock_free && sizeof(HalfWord) == 4);

/// Text that one thread writes while others read. A reader may see old and new mixed, never anything outside; who needs it whole looks at
/// a sequence number around it (release and acquire here order the text against that number). Longer text is cut (never within a UTF-8
/// character).
template <std::size_t Size>
class AtomicText
{
    static_assert(Size % 8 == 0);

public:
    void store(std::string_view text) noexcept
    {
        auto length = std::min(text.size(), Size - 1);
        if (length < text.size())
            while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
        for (std::size_t word = 0; word <= length / 8; ++word)
        {
            std::uint64_t bits = 0;
            for (std::size_t byte = 0; byte < 8 && word * 8 + byte < length; ++byte)
                bits |= std::uint64_t{static_cast<unsigned char>(text[word * 8 + byte])} << (8 * byte);
            _words[word].store(bits, std::memory_order_release);
        }
    }

    /// The longest text that is kept whole.
    static constexpr std::size_t capacity = Size - 1;

    bool equals(std::string_view text) const noexcept
    {
        if (text.size() > capacity) return false;
        for (std::size_t index = 0; index <= text.size(); ++index)
        {
            const auto expected = index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
            if (((_words[index / 8].load(std::memory_order_acquire) >> (8 * (index % 8))) & 0xFF) != expected) return false;
        }
        return true;
    }

    std::string load() const
    {
        std::string text;
        for (const auto& word : _words)
        {
            const auto bits = word.load(std::memory_order_acquire);
            for (unsigned byte = 0; byte < 8; ++byte)
            {
                const auto character = static_cast<char>((bits >> (8 * byte)) & 0xFF);
                if (character == '\0') return text;
                text.push_back(character);
            }
        }
        return text;
    }

private:
    std::array<Word, Size / 8> _words;
};

/// Who writes the board and how it is. Times are boot nanoseconds, 0 = never.
struct alignas(64) Header
{
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t size; ///< bytes of the whole board

    HalfWord pid;
    HalfWord role;  ///< Role
    HalfWord index; ///< of the process within its group
    HalfWord state; ///< State
    Word generation;
    Word started;

    /// Set by the loop that proves the process's progress, and by nothing else.
    alignas(64) Word heartbeat;

    /// When a message last reached a handler (promise 4).
    Word reachedHandler;
    HalfWord handlerThreads; ///< size of the pool
    HalfWord busyHandlers;   ///< of them in a handler now
    HalfWord paused;         ///< transports that are paused, or whose breaker is open
    HalfWord reserved;

    /// How far the tables below are in use; readers look no further.
    alignas(64) HalfWord familiesUsed;
    HalfWord cellsUsed;
    HalfWord slotsUsed;

    /// Registrations that found no room; their values go to `overflow` and are exposed as a number of lost series.
    HalfWord seriesRefused;
    Word slotsRefused;
    std::array<Word, valueCount> overflow;

    /// Odd while the master moves a dead child's counters into its own board; equal before and after = the boards fit together.
    Word foldSequence;

    AtomicText<64> group;

    /// One line for the operator: why the process cannot start, or what it waits for.
    AtomicText<512> note;
};

/// One metric name: `# HELP`, `# TYPE`.
struct Family
{
    HalfWord published; ///< 0 until the rest is written; the rest changes only when the board gets another writer
    HalfWord kind;      ///< Kind
    HalfWord buckets;   ///< Buckets
    HalfWord rule;      ///< GaugeRule
    AtomicText<88> name;
    AtomicText<152> help;
};
static_assert(sizeof(Family) == 256);

/// One series: a family with label values.
struct alignas(64) Cell
{
    HalfWord published;
    HalfWord family;
    AtomicText<240> labels; ///< `type="notification.send",outcome="ok"`, escaped; empty for none
    std::array<Word, valueCount> values;
};

/// One message in the process's hands.
struct alignas(64) Slot
{
    HalfWord state;    ///< SlotState
    HalfWord sequence; ///< odd while the slot is being filled
    HalfWord attempt;
    HalfWord index; ///< within the batch
    Word batch;
    Word started;  ///< boot nanoseconds of the take
    Word deadline; ///< boot nanoseconds; 0: none
    HalfWord thread;

    /// Written by the fatal-signal handler, nothing else; 0: no crash, or no slot's fault.
    HalfWord crashSignal;
    Word crashAddress;
    Word crashCounter; ///< program counter

    AtomicText<72> id;
    AtomicText<64> type;
    AtomicText<40> plugin;
};

struct Board
{
    Header header;
    std::array<Family, familyCount> families;
    std::array<Cell, cellCount> cells;
    std::array<Slot, slotCount> slots;
};

} // namespace carillon::metrics::layout
