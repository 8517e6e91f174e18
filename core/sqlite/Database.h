#pragma once

#include "sqlite/ChangeSignal.h"
#include "sqlite/Connection.h"
#include "sqlite/Migrations.h"
#include "sqlite/Session.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

namespace carillon::sqlite
{

struct Options
{
    Durability durability = Durability::Full;

    /// How long a writer waits for its turn before it gets a StoreError.
    std::chrono::milliseconds busyDeadline{5000};

    /// Below it requireSpace() throws, while there is still room to settle what runs.
    std::uint64_t freeDiskFloor = 64ULL << 20;

    /// Reading connections at most.
    std::size_t readers = 4;

    bool operator==(const Options&) const = default;
};

/// One database file: one object a process, shared by all that use the file, so that they can share a transaction.
/// Thread-safe; several processes may have the same file open. Must not be used in a forked child, which opens its own.
///
/// All of it throws StoreError, or StorageFull when the disk is full, with the file and the remedy; nothing was written then, except that
/// after an input/output error during a commit the outcome is unknown.
class Database
{
public:
    /// Opens or creates the file (mode 0600). Gives the object that this process has already; asked for with other options, throws
    /// ConfigurationError, as for a folder or file that cannot be written and for a network file system.
    static std::shared_ptr<Database> open(const std::filesystem::path& file, const Options& options = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs `work` in a write transaction and gives what it returns, after the commit. `work` may run on the thread of another writer,
    /// together with that one's (group commit); what it throws undoes its own writes and is thrown here. Blocks for its turn at most
    /// `busyDeadline`. Must be short: nobody else, in any process, writes meanwhile. Not from within another write of the same database.
    template <typename Work>
    auto write(Work&& work)
    {
        return call(&Database::runWrite, std::forward<Work>(work));
    }

    /// Runs `work` in a reading transaction, beside writers, and gives what it returns. Changes are refused with StoreError.
    template <typename Work>
    auto read(Work&& work)
    {
        return call(&Database::runRead, std::forward<Work>(work));
    }

    /// Brings a component's schema up to date; cheap when it is. One migrator at a time over all processes.
    void migrate(const std::string& component, std::span<const Migration> migrations);

    /// Throws StorageFull when less than `freeDiskFloor` is free: for what makes the file grow (publish, take), not for what settles.
    /// Cheap: asks the file system every 100 ms at most.
    void requireSpace();

    /// Throws when the file cannot be read and written now.
    void check();

    /// Moves the write-ahead log into the file and cuts it; says whether all could be moved (no reader was in the way). Writers wait
    /// meanwhile. SQLite does it by itself every 1000 pages, unless readers are always there: for quiet times, and before a copy of the
    /// file.
    bool checkpoint();

    /// Threads of this process that wait for their turn to write, for measurements.
    std::size_t waitingWriters() const;

    ChangeSignal changes(Topic topic) const;

    const std::filesystem::path& file() const { return _file; }
    const Options& options() const { return _options; }

private:
    struct Parts;
    using Work = std::function<void(Session&)>;
    Database(std::filesystem::path file, const Options& options);

    void runWrite(const Work& work);
    void runRead(const Work& work);

    template <typename Function>
    auto call(void (Database::*run)(const Work&), Function&& function)
    {
        using Result = std::invoke_result_t<Function&, Session&>;
        if constexpr (std::is_void_v<Result>)
            (this->*run)([&](Session& session) { function(session); });
        else
        {
            std::optional<Result> result;
            (this->*run)([&](Session& session) { result.emplace(function(session)); });
            return std::move(*result);
        }
    }

    std::filesystem::path _file;
    Options _options;
    std::unique_ptr<Parts> _parts;
    std::atomic<std::int64_t> _spaceAskedAt{0};
    std::atomic<std::uint64_t> _free{0};
};

} // namespace carillon::sqlite
