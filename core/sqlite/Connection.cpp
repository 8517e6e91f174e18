#include "sqlite/Connection.h"

#include "carillon/Errors.h"
#include "sqlite/ErrorMapping.h"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <sqlite3.h>

namespace carillon::sqlite
{
namespace
{

void registerConnectorOnce()
{
    static const bool done = []
    {
        if (sqlite3_threadsafe() == 0)
            throw ConfigurationError("the SQLite library was built without threads (SQLITE_THREADSAFE=0); install Debian's libsqlite3-0");
        Poco::Data::SQLite::Connector::registerConnector();
        return true;
    }();
    static_cast<void>(done);
}

} // namespace

struct Connection::PocoSession
{
    explicit PocoSession(const std::string& file) : session(Poco::Data::SQLite::Connector::KEY, file) {}
    Poco::Data::Session session;
};

Connection::Connection(const std::filesystem::path& file, Access access, Durability durability, std::chrono::milliseconds busyTimeout)
    : _file(file)
{
    registerConnectorOnce();
    try
    {
        _session = std::make_unique<PocoSession>(file.string());
    }
    catch (const Poco::Exception&)
    {
        // Poco keeps the code to itself; whatever it was, the file could not be opened.
        throwFor(SQLITE_CANTOPEN, nullptr, _file);
    }
    _handle = Poco::Data::SQLite::Utility::dbHandle(_session->session);

    try
    {
        setBusyTimeout(busyTimeout);
        {
            auto mode = prepare("PRAGMA journal_mode = WAL");
            if (!mode.step() || mode.view(0) != "wal")
                throw StoreError("database " + file.string() + " cannot use a write-ahead log; put it on a local disk");
        }
        // mmap off: an input/output error would be a SIGBUS. secure_delete=FAST zeroes what is deleted where that costs no extra write:
        // bodies hold patients' data.
        execute("PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = FAST;"
                "PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF;");
        execute(durability == Durability::Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        if (access == Access::Write)
            execute("PRAGMA cache_size = -4096");
        else
            execute("PRAGMA query_only = ON");
    }
    catch (...)
    {
        finalizeAll();
        throw;
    }
}

Connection::~Connection() { finalizeAll(); }

void Connection::finalizeAll() noexcept
{
    for (auto& [sql, prepared] : _statements) sqlite3_finalize(prepared.handle);
    _statements.clear();
}

sqlite3_stmt* Connection::compile(std::string_view sql, unsigned flags)
{
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(_handle, sql.data(), static_cast<int>(sql.size()), flags, &handle, nullptr);
    if (code != SQLITE_OK) throwFor(code, _handle, _file);
    return handle;
}

Statement Connection::prepare(std::string_view sql)
{
    auto found = _statements.find(sql);
    if (found == _statements.end())
        found = _statements.emplace(std::string(sql), PreparedStatement{compile(sql, SQLITE_PREPARE_PERSISTENT), false, true}).first;
    if (!found->second.inUse) return Statement(found->second, _file);

    auto another = std::make_unique<PreparedStatement>(PreparedStatement{compile(sql, 0), true, false});
    // The Statement owns one that is not kept.
    return Statement(*another.release(), _file);
}

void Connection::execute(const std::string& script)
{
    const int code = sqlite3_exec(_handle, script.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throwFor(code, _handle, _file);
}

bool Connection::isInTransaction() const { return sqlite3_get_autocommit(_handle) == 0; }

void Connection::rollback() noexcept
{
    if (isInTransaction()) sqlite3_exec(_handle, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::setBusyTimeout(std::chrono::milliseconds timeout) { sqlite3_busy_timeout(_handle, static_cast<int>(timeout.count())); }

std::int64_t Connection::changes() const { return sqlite3_changes64(_handle); }

std::int64_t Connection::lastInsertId() const { return sqlite3_last_insert_rowid(_handle); }

} // namespace carillon::sqlite
