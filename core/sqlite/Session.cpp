#include "sqlite/Session.h"

#include "carillon/Errors.h"

#include <stdexcept>

namespace carillon::sqlite
{

Session::~Session() = default;

Session& Session::of(StoreSession& session, const Database& database)
{
    auto* mine = dynamic_cast<Session*>(&session);
    if (!mine || &mine->_database != &database)
        throw std::logic_error("this transaction belongs to another database: ask joins() before handing a session over");
    return *mine;
}

void Session::savepoint(const std::function<void()>& part)
{
    prepare("SAVEPOINT part").run();
    const std::size_t actionsBefore = _afterCommit.size();
    try
    {
        part();
    }
    catch (...)
    {
        // Announcements stay: a bell too many wakes somebody for nothing, and that is all.
        _afterCommit.resize(actionsBefore);
        // Errors such as a full disk make SQLite roll the whole transaction back by itself.
        if (_connection.isInTransaction())
        {
            prepare("ROLLBACK TO part").run();
            prepare("RELEASE part").run();
        }
        throw;
    }
    prepare("RELEASE part").run();
}

} // namespace carillon::sqlite
