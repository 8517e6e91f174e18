#pragma once

#include "metrics/Board.h"
#include "process/FileDescriptor.h"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// What passes from a master to a child at its start: descriptors at agreed numbers, and a command line that says the rest in words that
/// `ps` may show. Both ends are the same executable, so this is no protocol between versions.
namespace carillon::process
{

/// The child's descriptors. Nothing else is open in it but standard input, output and error.
enum HandedDescriptor : int
{
    handedLifeline = 3,      ///< read end of a pipe whose write end only the master has
    handedWake = 4,          ///< event descriptor: "look at my board"
    handedConfiguration = 5, ///< sealed memory
    handedChildrenLock = 6,
    handedBoard = 7,
    handedBoards = 8 ///< and following: all boards for reading, the master's first; admin only
};

struct Handover
{
    metrics::Identity identity;
    std::uint32_t masterPid = 0;
    int nice = 0;
    std::uint32_t boards = 0; ///< how many from handedBoards on
    std::chrono::milliseconds heartbeatInterval{1000};
    std::chrono::milliseconds drainTimeout{30000};

    /// `carillon __child role=worker group=notifications …`
    std::vector<std::string> commandLine(const std::string& programName) const;

    /// The reverse. Throws std::invalid_argument.
    static Handover parse(std::span<char* const> words);
};

/// `content` in memory that nobody can change any more. Throws std::system_error.
FileDescriptor seal(const std::string& content);

/// The reverse; throws std::system_error, and std::invalid_argument when it is not sealed.
std::string unseal(int descriptor);

} // namespace carillon::process
