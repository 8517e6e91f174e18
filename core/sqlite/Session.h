#pragma once

#include "carillon/UnitOfWork.h"
#include "sqlite/ChangeSignal.h"
#include "sqlite/Connection.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::sqlite
{

class Database;

/// One open transaction, given to the function that a Database calls; not valid after it. Used by the thread that it was given to.
class Session final : public StoreSession
{
public:
    Session(Connection& connection, const Database& database) : _connection(connection), _database(database) {}
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// The session behind the port's opaque one. Throws std::logic_error when it is not of `database`.
    static Session& of(StoreSession& session, const Database& database);

    Statement prepare(std::string_view sql) { return _connection.prepare(sql); }
    /// Runs statements separated by `;`, for schemas.
    void execute(const std::string& script) { _connection.execute(script); }
    /// Rows changed by the statement that ran last.
    std::int64_t changes() const { return _connection.changes(); }
    std::int64_t lastInsertId() const { return _connection.lastInsertId(); }

    /// Runs `part` so that its throw undoes its own writes only, and is passed on. May be nested.
    void savepoint(const std::function<void()>& part);

    /// Calls `action` once the commit is done, not at all when this part is rolled back. On any thread; must not throw, write or block.
    void afterCommit(std::function<void()> action) { _afterCommit.push_back(std::move(action)); }
    /// After the commit, wakes those who wait for `topic`, in all processes.
    void announce(Topic topic) { _announced |= 1U << static_cast<unsigned>(topic); }

    const Database& database() const { return _database; }

    /// For Writer, after the commit.
    const std::vector<std::function<void()>>& actions() const { return _afterCommit; }
    std::uint32_t announced() const { return _announced; }

private:
    Connection& _connection;
    const Database& _database;
    std::vector<std::function<void()>> _afterCommit;
    std::uint32_t _announced = 0;
};

} // namespace carillon::sqlite
