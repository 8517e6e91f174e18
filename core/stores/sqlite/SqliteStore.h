#pragma once

#include "port/Store.h"
#include "sqlite/BootClock.h"
#include "sqlite/Database.h"
#include "sqlite/SharesDatabase.h"
#include "stores/sqlite/SqliteDeadLetters.h"
#include "stores/sqlite/SqliteDelays.h"
#include "stores/sqlite/SqliteDeviceRegistry.h"
#include "stores/sqlite/SqliteLease.h"
#include "stores/sqlite/SqliteLedger.h"
#include "stores/sqlite/SqliteNotificationRepository.h"
#include "stores/sqlite/SqlitePushLedger.h"
#include "stores/sqlite/SqliteRateLimiter.h"

#include <memory>

namespace carillon::stores::sqlite
{

/// All of the store's ports on one SQLite file; what belongs to a service carries its name in a column. Thread-safe, also over processes.
///
/// Blocks for the file; throws StoreError, StorageFull when there is no room. Below the database's floor of free disk what adds work is
/// refused (commit with an outbox or `within`, release, insertMissing, put, addUser) while deciding goes on. The clocks must outlive it.
class SqliteStore final : public port::Store, public carillon::sqlite::SharesDatabase
{
public:
    explicit SqliteStore(std::shared_ptr<carillon::sqlite::Database> database, const Clock& clock = systemClock(),
                         const carillon::sqlite::BootClock& bootClock = carillon::sqlite::systemBootClock());
    ~SqliteStore() override;

    std::string description() const override;
    void setUp() override;
    void check() override;

    port::Ledger& ledger() override { return _ledger; }
    port::DeadLetters& deadLetters() override { return _deadLetters; }
    port::RateLimiter& rateLimiter() override { return _rateLimiter; }
    port::Lease& lease() override { return _lease; }
    port::Delays& delays() override { return _delays; }
    port::PushLedger& pushLedger() override { return _pushLedger; }
    notification::NotificationRepository& notifications() override { return _notifications; }
    notification::DeviceRegistry& devices() override { return _devices; }

    const carillon::sqlite::Database& database() const override { return *_database; }

private:
    std::shared_ptr<carillon::sqlite::Database> _database;
    SqliteLedger _ledger;
    SqliteDeadLetters _deadLetters;
    SqliteRateLimiter _rateLimiter;
    SqliteLease _lease;
    SqliteDelays _delays;
    SqlitePushLedger _pushLedger;
    SqliteNotificationRepository _notifications;
    SqliteDeviceRegistry _devices;
};

} // namespace carillon::stores::sqlite
