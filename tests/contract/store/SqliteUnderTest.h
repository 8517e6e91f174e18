#pragma once

#include "contract/store/StoreContract.h"
#include "stores/sqlite/SqliteStore.h"
#include "support/TemporaryDirectory.h"

#include <atomic>

namespace carillon::tests::store
{

/// A boot clock that the test turns, and a machine that it reboots.
class ManualBootClock final : public sqlite::BootClock
{
public:
    std::chrono::milliseconds now() const override { return std::chrono::milliseconds{_now.load()}; }
    const std::string& bootId() const override { return _bootId; }
    void advance(std::chrono::milliseconds by) { _now += by.count(); }
    void reboot()
    {
        _bootId.back() = static_cast<char>(_bootId.back() + 1);
        _now = 1000;
    }

private:
    std::atomic<std::int64_t> _now{5'000'000};
    std::string _bootId = "00000000-0000-0000-0000-000000000000";
};

/// The SQLite store on a file of its own.
class SqliteUnderTest : public StoreUnderTest
{
public:
    /// Not synchronised at each commit unless asked for: no test cuts the power, and thousands of commits are made.
    static sqlite::Options quickOptions()
    {
        sqlite::Options options;
        options.durability = sqlite::Durability::Normal;
        return options;
    }

    explicit SqliteUnderTest(const sqlite::Options& options = quickOptions())
        : _database(sqlite::Database::open(_directory / "carillon.db", options)),
          _store(_database, _clock, _bootClock)
    {
        _store.setUp();
    }

    stores::sqlite::SqliteStore& store() override { return _store; }
    std::unique_ptr<port::Store> openAgain() override
    {
        return std::make_unique<stores::sqlite::SqliteStore>(_database, _clock, _bootClock);
    }
    ManualClock& clock() override { return _clock; }
    void passLeaseTime(std::chrono::milliseconds by) override { _bootClock.advance(by); }

    ManualBootClock& bootClock() { return _bootClock; }
    sqlite::Database& database() { return *_database; }
    std::filesystem::path file() const { return _directory / "carillon.db"; }

private:
    TemporaryDirectory _directory;
    ManualClock _clock;
    ManualBootClock _bootClock;
    std::shared_ptr<sqlite::Database> _database;
    stores::sqlite::SqliteStore _store;
};

} // namespace carillon::tests::store
