#pragma once

#include "carillon/notification/DeviceRegistry.h"
#include "sqlite/Database.h"

namespace carillon::stores::sqlite
{

/// User → push addresses in SQLite. Thread-safe; the database and clock must outlive it.
class SqliteDeviceRegistry final : public notification::DeviceRegistry
{
public:
    SqliteDeviceRegistry(carillon::sqlite::Database& database, const Clock& clock) : _database(database), _clock(clock) {}

    void put(const std::string& userId, const notification::Address& address) override;
    void remove(const std::string& userId, const std::string& addressValue) override;
    std::map<std::string, std::vector<notification::Address>> addressesOf(std::span<const std::string> userIds) override;
    void addUser(const std::string& userId) override;
    void stageRemoval(UnitOfWork& work, const std::string& userId, const notification::Address& address, const std::string& reason,
                      TimePoint sentAt) override;

private:
    carillon::sqlite::Database& _database;
    const Clock& _clock;
};

} // namespace carillon::stores::sqlite
