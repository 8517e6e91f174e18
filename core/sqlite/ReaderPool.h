#pragma once

#include "sqlite/Session.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace carillon::sqlite
{

/// Reading connections, opened when first needed and kept. In WAL mode they neither wait for the writer nor hold it up. Thread-safe.
class ReaderPool
{
public:
    ReaderPool(const Database& database, std::filesystem::path file, std::size_t limit, std::chrono::milliseconds deadline);

    /// Runs `work` in a reading transaction: it sees one state of the database. Throws StoreError when no connection is free within the
    /// deadline.
    void read(const std::function<void(Session&)>& work);

private:
    std::unique_ptr<Connection> borrow();
    void giveBack(std::unique_ptr<Connection> connection);

    const Database& _database;
    std::filesystem::path _file;
    std::size_t _limit;
    std::chrono::milliseconds _deadline;

    std::mutex _mutex;
    std::condition_variable _freed;
    std::vector<std::unique_ptr<Connection>> _idle;
    std::size_t _open = 0;
};

} // namespace carillon::sqlite
