#include "stores/sqlite/SqliteStore.h"

#include "carillon/Errors.h"
#include "stores/sqlite/Schema.h"

namespace carillon::stores::sqlite
{

using carillon::sqlite::Session;

SqliteStore::SqliteStore(std::shared_ptr<carillon::sqlite::Database> database, const Clock& clock,
                         const carillon::sqlite::BootClock& bootClock)
    : _database(std::move(database)),
      _ledger(*_database, clock, bootClock),
      _deadLetters(*_database, clock),
      _rateLimiter(*_database),
      _lease(*_database, bootClock),
      _delays(*_database, bootClock),
      _pushLedger(*_database),
      _notifications(*_database),
      _devices(*_database, clock)
{
}

SqliteStore::~SqliteStore() = default;

std::string SqliteStore::description() const { return "sqlite " + _database->file().string(); }

void SqliteStore::setUp() { _database->migrate(schemaComponent, schemaSteps()); }

void SqliteStore::check()
{
    const bool isSetUp = _database->read(
        [](Session& session) { return session.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'inbox'").step(); });
    if (!isSetUp) throw StoreError("database " + _database->file().string() + " has no store in it yet; run `carillon store:setup`");
    _database->check();
}

} // namespace carillon::stores::sqlite
