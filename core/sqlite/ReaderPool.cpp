#include "sqlite/ReaderPool.h"

#include "carillon/Errors.h"

namespace carillon::sqlite
{

ReaderPool::ReaderPool(const Database& database, std::filesystem::path file, std::size_t limit, std::chrono::milliseconds deadline)
    : _database(database),
      _file(std::move(file)),
      _limit(limit),
      _deadline(deadline)
{
    // giveBack() must not need memory on the way out of a failure.
    _idle.reserve(limit);
}

void ReaderPool::read(const std::function<void(Session&)>& work)
{
    auto connection = borrow();
    try
    {
        connection->prepare("BEGIN").run();
        Session session(*connection, _database);
        work(session);
        connection->prepare("COMMIT").run();
    }
    catch (...)
    {
        connection->rollback();
        giveBack(std::move(connection));
        throw;
    }
    giveBack(std::move(connection));
}

std::unique_ptr<Connection> ReaderPool::borrow()
{
    std::unique_lock lock(_mutex);
    if (!_freed.wait_for(lock, _deadline, [&] { return !_idle.empty() || _open < _limit; }))
        throw StoreError("database " + _file.string() + ": all reading connections are busy; look for a query that takes too long");
    if (!_idle.empty())
    {
        auto connection = std::move(_idle.back());
        _idle.pop_back();
        return connection;
    }
    ++_open;
    lock.unlock();
    try
    {
        return std::make_unique<Connection>(_file, Connection::Access::Read, Durability::Normal, _deadline);
    }
    catch (...)
    {
        lock.lock();
        --_open;
        _freed.notify_one();
        throw;
    }
}

void ReaderPool::giveBack(std::unique_ptr<Connection> connection)
{
    const std::lock_guard lock(_mutex);
    _idle.push_back(std::move(connection));
    _freed.notify_one();
}

} // namespace carillon::sqlite
