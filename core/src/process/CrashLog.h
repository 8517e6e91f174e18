#pragma once

#include "carillon/Clock.h"
#include "metrics/Snapshot.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace carillon::process
{

/// Why a child is no more.
enum class DeathCause
{
    Signal,       ///< killed by a signal that the master did not send: a crash, the OOM killer, an operator
    Exit,         ///< ended by itself with a status other than 0
    Stale,        ///< killed by the master: no heartbeat
    StartTimeout, ///< killed by the master: not ready in time
    DrainTimeout  ///< killed by the master: not ended in time
};

std::string_view toString(DeathCause cause) noexcept;

/// A child's unclean death with what it had in its hands.
struct Death
{
    TimePoint at{};
    metrics::Identity identity;
    int pid = 0;
    DeathCause cause = DeathCause::Signal;
    int signal = 0;     ///< 0: it exited
    int exitStatus = 0; ///< when it exited
    bool core = false;
    std::chrono::milliseconds uptime{0};
    std::string note;                            ///< the last line it left on its board
    std::vector<metrics::SlotSnapshot> inFlight; ///< one with a crash signal is to blame for certain; without any, all are suspects
};

/// `crashes.jsonl`: one line of JSON a death, appended and synchronised. A file on the local disk, because whatever killed the child may
/// have been the database. Ids, types and plugins only: no body.
class CrashLog
{
public:
    /// Above it the file is renamed to `crashes.jsonl.1` (one is kept) before the next line.
    static constexpr std::uintmax_t maxSize = 16U << 20;

    explicit CrashLog(std::filesystem::path file) : _file(std::move(file)) {}

    /// Throws std::system_error when the line is not safely on disk.
    void append(const Death& death) const;

    /// The line without its line feed.
    static std::string toJson(const Death& death);

    const std::filesystem::path& file() const noexcept { return _file; }

private:
    std::filesystem::path _file;
};

} // namespace carillon::process
