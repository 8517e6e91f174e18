#pragma once

#include "metrics/BoardLayout.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace carillon::metrics
{

enum class Role : std::uint32_t
{
    None, ///< a board of the pool that no process has yet
    Master,
    Admin,
    Clerk,
    Worker
};

/// What a child is at. It goes only forwards, but for ready ↔ quiet.
enum class State : std::uint32_t
{
    Starting,
    Ready,
    Quiet,    ///< takes nothing new, CONT resumes
    Draining, ///< takes nothing new and ends when what runs has ended
    Stopped
};

std::string_view toString(Role role) noexcept;
std::string_view toString(State state) noexcept;

/// Whose board it is.
struct Identity
{
    Role role = Role::None;
    std::string group{}; ///< worker group; the role's name for admin and clerk
    std::uint32_t index = 0;
    std::uint64_t generation = 0;
};

/// One process's page of shared memory: metrics, heartbeat, state, messages in flight.
///
/// One process writes it, any number read it; the memory outlives the writer, so its death loses nothing. The size is sealed: no reader
/// can be hurt by a writer that truncates it. All members are thread-safe; those that write need a board that was not attached read-only.
class Board
{
public:
    enum class Access
    {
        ReadOnly,
        ReadWrite
    };

    /// A new, empty board in a memfd (close-on-exec). Throws std::system_error when the kernel has no memory or descriptor left.
    static std::unique_ptr<Board> create(const Identity& identity = {});

    /// The same in plain memory: tests and `--single-process`.
    static std::unique_ptr<Board> inMemory(const Identity& identity = {});

    /// Maps the board behind `descriptor`, which stays the caller's and may be closed at once.
    /// Throws ConfigurationError when it is no board, one of another layout version, or of another size.
    static std::unique_ptr<Board> attach(int descriptor, Access access);

    ~Board();
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    /// The memfd, owned by the board; -1 when attached or in plain memory.
    int descriptor() const noexcept { return _descriptor; }

    /// A second descriptor of the same memory that cannot be mapped for writing; the caller closes it. Throws std::system_error.
    int openReadOnly() const;

    /// Empties the board for its next writer. Nobody may be writing.
    void reset(const Identity& identity);

    /// The writer's first act: its pid and start time; the heartbeat starts now.
    void adopt();

    Identity identity() const;
    std::uint32_t pid() const noexcept;
    State state() const noexcept;
    void setState(State state) noexcept;
    std::chrono::nanoseconds started() const noexcept;

    /// Proves progress; one relaxed store. Called by the loop whose progress matters, never by a timer of its own.
    void beat() noexcept;
    std::chrono::nanoseconds lastBeat() const noexcept;

    /// A message has reached a handler; one relaxed store.
    void reachedHandler() noexcept;
    std::chrono::nanoseconds lastReachedHandler() const noexcept;

    /// One line for the operator; longer than 511 bytes is cut. What is written must hold no secret and no patient's data.
    void setNote(std::string_view note) noexcept;
    std::string note() const;

    layout::Board& memory() noexcept { return *_memory; }
    const layout::Board& memory() const noexcept { return *_memory; }

    /// Held by registrations only, never by an increment.
    std::mutex& registration() noexcept { return _registration; }

private:
    Board(layout::Board* memory, bool mapped, int descriptor);

    layout::Board* _memory;
    bool _mapped;
    int _descriptor;
    std::mutex _registration;
};

} // namespace carillon::metrics
