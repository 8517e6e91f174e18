#pragma once

#include "sqlite/Session.h"
#include "sqlite/Turnstile.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

namespace carillon::sqlite
{

/// The one writing connection of the process. Writers that come while a transaction is being committed form the next group: one of them,
/// its leader, passes the turnstile, runs all their functions in one transaction, and commits once for all. So the disk's latency is
/// paid by the group, and no thread is needed for it. Thread-safe.
class Writer
{
public:
    using Work = std::function<void(Session&)>;

    Writer(const Database& database, const std::filesystem::path& file, SharedPage& page, Durability durability,
           std::chrono::milliseconds busyDeadline);

    /// Runs `work` within a transaction, on this or another writer's thread, and returns after the commit. What `work` throws is thrown
    /// here, its writes undone, those of the others kept. Throws StoreError when its turn does not come within the deadline,
    /// std::logic_error when called from within another write (that would wait for itself).
    void write(const Work& work);

    /// Writers that wait for their turn now.
    std::size_t waiting();

    /// Database::checkpoint().
    bool checkpoint();

private:
    struct Part
    {
        enum class State
        {
            Waiting,
            Running,
            Done
        };
        const Work* work;
        State state = State::Waiting;
        std::exception_ptr failure;
        std::condition_variable changed;
    };

    void lead(std::unique_lock<std::mutex>& lock, Part& self, SteadyPoint deadline);
    void runGroup(std::span<Part* const> group, SteadyPoint deadline) noexcept;
    void runParts(Session& session, std::span<Part* const> group);
    void finish(const Session& session) noexcept;
    void withdraw(Part& part);
    std::exception_ptr lockedError() const;

    const Database& _database;
    std::filesystem::path _file;
    SharedPage& _page;
    Turnstile _turnstile;
    std::chrono::milliseconds _busyDeadline;
    std::unique_ptr<Connection> _connection;

    std::mutex _mutex;
    std::deque<Part*> _waiting;
    bool _isLed = false;
};

} // namespace carillon::sqlite
