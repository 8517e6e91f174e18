#include "stores/sqlite/SqliteDeviceRegistry.h"

#include <Poco/SHA2Engine.h>

namespace carillon::stores::sqlite
{
namespace
{

using carillon::sqlite::Session;
using notification::Address;

constexpr const char* addUserSql = "INSERT INTO users(user_id) VALUES(?1) ON CONFLICT DO NOTHING";

/// An address has one user: who is logged in there now.
constexpr const char* putSql = R"(
INSERT INTO devices(value, user_id, kind, platform, application, registered_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT(value) DO UPDATE SET user_id = excluded.user_id, kind = excluded.kind, platform = excluded.platform,
    application = excluded.application, registered_at = excluded.registered_at)";

/// Compare and delete: registered again after the push was sent, the address is alive.
constexpr const char* removeDeadSql = "DELETE FROM devices WHERE value = ?1 AND user_id = ?2 AND kind = ?3 AND registered_at <= ?4";

std::string hashOf(const std::string& addressValue)
{
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    engine.update(addressValue);
    return Poco::DigestEngine::digestToHex(engine.digest());
}

} // namespace

void SqliteDeviceRegistry::put(const std::string& userId, const Address& address)
{
    _database.requireSpace();
    _database.write(
        [&](Session& session)
        {
            session.prepare(addUserSql).bind(userId).run();
            session.prepare(putSql)
                .bind(address.value, userId, address.kind, address.platform, address.application, address.registeredAt)
                .run();
        });
}

void SqliteDeviceRegistry::remove(const std::string& userId, const std::string& addressValue)
{
    _database.write([&](Session& session)
                    { session.prepare("DELETE FROM devices WHERE value = ?1 AND user_id = ?2").bind(addressValue, userId).run(); });
}

std::map<std::string, std::vector<Address>> SqliteDeviceRegistry::addressesOf(std::span<const std::string> userIds)
{
    if (userIds.empty()) return {};
    return _database.read(
        [&](Session& session)
        {
            std::map<std::string, std::vector<Address>> found;
            auto user = session.prepare("SELECT 1 FROM users WHERE user_id = ?1");
            auto devices = session.prepare("SELECT kind, value, platform, application, registered_at FROM devices WHERE user_id = ?1 "
                                           "ORDER BY registered_at, value");
            for (const auto& userId : userIds)
            {
                const bool isKnown = user.bind(userId).step();
                user.reset();
                if (!isKnown || found.contains(userId)) continue;
                auto& addresses = found[userId];
                devices.bind(userId);
                while (devices.step())
                    addresses.push_back({devices.text(0), devices.text(1), devices.text(2), devices.text(3), devices.time(4)});
                devices.reset();
            }
            return found;
        });
}

void SqliteDeviceRegistry::addUser(const std::string& userId)
{
    _database.requireSpace();
    _database.write([&](Session& session) { session.prepare(addUserSql).bind(userId).run(); });
}

void SqliteDeviceRegistry::stageRemoval(UnitOfWork& work, const std::string& userId, const Address& address, const std::string& reason,
                                        TimePoint sentAt)
{
    work.stage(
        [this, userId, address, reason, sentAt](StoreSession& storeSession)
        {
            Session& session = Session::of(storeSession, _database);
            session.prepare(removeDeadSql).bind(address.value, userId, address.kind, sentAt).run();
            if (session.changes() == 0) return;
            session.prepare("INSERT OR REPLACE INTO device_tombstones(address_hash, reason, removed_at) VALUES(?1, ?2, ?3)")
                .bind(hashOf(address.value), reason, _clock.now())
                .run();
        });
}

} // namespace carillon::stores::sqlite
