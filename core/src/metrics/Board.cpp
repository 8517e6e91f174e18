#include "metrics/Board.h"

#include "carillon/Errors.h"
#include "metrics/BootClock.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace carillon::metrics
{
namespace
{

using std::chrono::nanoseconds;

/// Since Linux 6.3; older kernels refuse it, newer ones may demand it.
constexpr unsigned noExecuteSeal = 0x0008U;

[[noreturn]] void throwErrno(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

int createMemory()
{
    int descriptor = ::memfd_create("carillon-board", MFD_CLOEXEC | MFD_ALLOW_SEALING | noExecuteSeal);
    if (descriptor < 0 && errno == EINVAL) descriptor = ::memfd_create("carillon-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) throwErrno("cannot create shared memory for a board");
    return descriptor;
}

nanoseconds timeIn(const layout::Word& word) noexcept
{
    return nanoseconds(static_cast<std::int64_t>(word.load(std::memory_order_relaxed)));
}

void setTime(layout::Word& word, nanoseconds time) noexcept
{
    word.store(static_cast<std::uint64_t>(time.count()), std::memory_order_relaxed);
}

} // namespace

std::string_view toString(Role role) noexcept
{
    switch (role)
    {
    case Role::None: return "none";
    case Role::Master: return "master";
    case Role::Admin: return "admin";
    case Role::Clerk: return "clerk";
    case Role::Worker: return "worker";
    }
    return "unknown";
}

std::string_view toString(State state) noexcept
{
    switch (state)
    {
    case State::Starting: return "starting";
    case State::Ready: return "ready";
    case State::Quiet: return "quiet";
    case State::Draining: return "draining";
    case State::Stopped: return "stopped";
    }
    return "unknown";
}

Board::Board(layout::Board* memory, bool mapped, int descriptor) : _memory(memory), _mapped(mapped), _descriptor(descriptor) {}

Board::~Board()
{
    if (_mapped)
        ::munmap(_memory, sizeof(layout::Board));
    else
        delete _memory;
    if (_descriptor >= 0) ::close(_descriptor);
}

std::unique_ptr<Board> Board::create(const Identity& identity)
{
    const int descriptor = createMemory();
    if (::ftruncate(descriptor, sizeof(layout::Board)) != 0 ||
        ::fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    {
        const int reason = errno;
        ::close(descriptor);
        errno = reason;
        throwErrno("cannot size the shared memory of a board");
    }
    void* memory = ::mmap(nullptr, sizeof(layout::Board), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED)
    {
        const int reason = errno;
        ::close(descriptor);
        errno = reason;
        throwErrno("cannot map the shared memory of a board");
    }
    std::unique_ptr<Board> board(new Board(static_cast<layout::Board*>(memory), true, descriptor));
    board->reset(identity);
    return board;
}

std::unique_ptr<Board> Board::inMemory(const Identity& identity)
{
    std::unique_ptr<Board> board(new Board(new layout::Board{}, false, -1));
    board->reset(identity);
    return board;
}

std::unique_ptr<Board> Board::attach(int descriptor, Access access)
{
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0) throwErrno(fmt::format("descriptor {} is no board", descriptor));
    if (status.st_size != static_cast<off_t>(sizeof(layout::Board)))
        throw ConfigurationError(
            fmt::format("descriptor {} is no board of this build: it has {} bytes instead of {}; stop Carillon and start it "
                        "again with one binary",
                        descriptor, status.st_size, sizeof(layout::Board)));

    const int protection = access == Access::ReadOnly ? PROT_READ : PROT_READ | PROT_WRITE;
    void* memory = ::mmap(nullptr, sizeof(layout::Board), protection, MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) throwErrno(fmt::format("cannot map the board of descriptor {}", descriptor));
    std::unique_ptr<Board> board(new Board(static_cast<layout::Board*>(memory), true, -1));

    const auto& header = board->memory().header;
    if (header.magic != layout::magic || header.version != layout::version)
        throw ConfigurationError(fmt::format("the board of descriptor {} has layout {} where this build has {}; stop Carillon and start it "
                                             "again with one binary",
                                             descriptor, header.version, layout::version));
    return board;
}

int Board::openReadOnly() const
{
    // A descriptor of the same open file could be mapped for writing; one that is opened anew cannot.
    const int descriptor = ::open(fmt::format("/proc/self/fd/{}", _descriptor).c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throwErrno("cannot open a board for reading");
    return descriptor;
}

void Board::reset(const Identity& identity)
{
    auto& memory = *_memory;
    auto& header = memory.header;
    constexpr auto order = std::memory_order_release;

    // Only what was in use, and the one that a dying writer may have been at: to look at a page of shared memory is to allocate it.
    const auto inUse = [](const layout::HalfWord& used, std::size_t limit)
    { return std::min<std::size_t>(used.load(std::memory_order_relaxed) + 1, limit); };
    for (std::size_t family = 0; family < inUse(header.familiesUsed, layout::familyCount); ++family)
        memory.families[family].published.store(0, order);
    for (std::size_t index = 0; index < inUse(header.cellsUsed, layout::cellCount); ++index)
    {
        auto& cell = memory.cells[index];
        cell.published.store(0, order);
        for (auto& value : cell.values) value.store(0, order);
    }
    for (std::size_t slot = 0; slot < inUse(header.slotsUsed, layout::slotCount); ++slot)
    {
        memory.slots[slot].state.store(0, order);
        memory.slots[slot].crashSignal.store(0, order);
    }
    for (auto* word : {&header.familiesUsed, &header.cellsUsed, &header.slotsUsed, &header.seriesRefused, &header.pid, &header.state,
                       &header.handlerThreads, &header.busyHandlers, &header.paused})
        word->store(0, order);
    for (auto* word : {&header.slotsRefused, &header.started, &header.heartbeat, &header.reachedHandler}) word->store(0, order);
    for (auto& value : header.overflow) value.store(0, order);
    header.note.store("");

    header.magic = layout::magic;
    header.version = layout::version;
    header.size = sizeof(layout::Board);
    header.role.store(static_cast<std::uint32_t>(identity.role), order);
    header.index.store(identity.index, order);
    header.generation.store(identity.generation, order);
    header.group.store(identity.group);
}

void Board::adopt()
{
    auto& header = _memory->header;
    const auto now = bootNow();
    setTime(header.started, now);
    setTime(header.heartbeat, now);
    header.pid.store(static_cast<std::uint32_t>(::getpid()), std::memory_order_release);
}

Identity Board::identity() const
{
    const auto& header = _memory->header;
    return {static_cast<Role>(header.role.load(std::memory_order_acquire)), header.group.load(),
            header.index.load(std::memory_order_acquire), header.generation.load(std::memory_order_acquire)};
}

std::uint32_t Board::pid() const noexcept { return _memory->header.pid.load(std::memory_order_acquire); }

State Board::state() const noexcept { return static_cast<State>(_memory->header.state.load(std::memory_order_acquire)); }

void Board::setState(State state) noexcept { _memory->header.state.store(static_cast<std::uint32_t>(state), std::memory_order_release); }

nanoseconds Board::started() const noexcept { return timeIn(_memory->header.started); }

void Board::beat() noexcept { setTime(_memory->header.heartbeat, bootNow()); }

nanoseconds Board::lastBeat() const noexcept { return timeIn(_memory->header.heartbeat); }

void Board::reachedHandler() noexcept { setTime(_memory->header.reachedHandler, bootNow()); }

nanoseconds Board::lastReachedHandler() const noexcept { return timeIn(_memory->header.reachedHandler); }

void Board::setNote(std::string_view note) noexcept { _memory->header.note.store(note); }

std::string Board::note() const { return _memory->header.note.load(); }

} // namespace carillon::metrics
