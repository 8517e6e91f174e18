#pragma once

#include "carillon/Errors.h"
#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/NotificationRepository.h"
#include "port/Ledger.h"
#include "port/PushLedger.h"
#include "port/RateLimiter.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

/// The notification domain's ports over plain maps, as small as their contracts allow. One thread. Staged writes take effect when commit()
/// applies them; a crash before the deciding transaction is a unit of work that is thrown away.
namespace carillon::tests
{

class MemorySession final : public StoreSession
{
};

inline void applyTo(const UnitOfWork& work)
{
    MemorySession session;
    for (const auto& write : work.writes()) write(session);
}

/// Only commit() is there: the decisions are the test's.
class MemoryLedger final : public port::Ledger
{
public:
    void commit(const UnitOfWork& work, std::span<const port::OutboxMessage>, const std::function<void(StoreSession&)>&) override
    {
        if (isBroken) throw StoreError("the store is away");
        ++transactions;
        applyTo(work);
    }
    std::vector<port::DecisionResult> decide(std::span<const port::Decision>, const Within&) override
    {
        throw std::logic_error("not played");
    }
    std::vector<std::optional<port::InboxRow>> lookUp(std::span<const port::MessageKey>) override { return {}; }
    std::vector<port::OutboxMessage> claimOutbox(std::size_t, std::chrono::milliseconds) override { return {}; }
    std::vector<port::OutboxMessage> outboxOf(const port::MessageKey&) override { return {}; }
    void markPublished(std::span<const std::int64_t>) override {}
    std::uint64_t outboxSize() override { return 0; }
    port::Tallies tallies() override { return {}; }
    std::size_t sweep(TimePoint, std::size_t) override { return 0; }

    bool isBroken = false;
    int transactions = 0;
};

class MemoryNotifications final : public notification::NotificationRepository
{
public:
    void insertMissing(std::span<const notification::Notification> notifications) override
    {
        for (const auto& notification : notifications) byMessage.try_emplace(notification.messageId, notification);
    }
    void stageInsert(UnitOfWork& work, notification::Notification notification) override
    {
        work.stage([this, notification](StoreSession&) { byMessage.try_emplace(notification.messageId, notification); });
    }
    std::optional<notification::Notification> find(const std::string& id) override
    {
        for (const auto& [messageId, notification] : byMessage)
            if (notification.id == id) return notification;
        return {};
    }
    std::optional<notification::Notification> findByMessageId(const std::string& messageId) override
    {
        const auto found = byMessage.find(messageId);
        return found == byMessage.end() ? std::nullopt : std::optional(found->second);
    }
    void stageStatus(UnitOfWork& work, const std::string& messageId, notification::NotificationStatus status,
                     std::optional<TimePoint> sentAt) override
    {
        work.stage(
            [this, messageId, status, sentAt](StoreSession&)
            {
                const auto found = byMessage.find(messageId);
                if (found == byMessage.end()) return;
                auto& notification = found->second;
                if (notification.status == notification::NotificationStatus::Sent || notification.status == status) return;
                notification.status = status;
                notification.sentAt = sentAt;
                ++notification.version;
            });
    }

    std::map<std::string, notification::Notification> byMessage;
};

class MemoryDevices final : public notification::DeviceRegistry
{
public:
    void put(const std::string& userId, const notification::Address& address) override { byUser[userId].push_back(address); }
    void remove(const std::string& userId, const std::string& value) override
    {
        std::erase_if(byUser[userId], [&](const notification::Address& address) { return address.value == value; });
    }
    std::map<std::string, std::vector<notification::Address>> addressesOf(std::span<const std::string> userIds) override
    {
        ++lookUps;
        std::map<std::string, std::vector<notification::Address>> result;
        for (const auto& userId : userIds)
            if (const auto found = byUser.find(userId); found != byUser.end()) result.insert(*found);
        return result;
    }
    void addUser(const std::string& userId) override { byUser[userId]; }
    void stageRemoval(UnitOfWork& work, const std::string& userId, const notification::Address& address, const std::string& reason,
                      TimePoint sentAt) override
    {
        work.stage(
            [this, userId, address, reason, sentAt](StoreSession&)
            {
                const auto isTheOne = [&](const notification::Address& other)
                { return other.value == address.value && other.registeredAt <= sentAt; };
                if (std::erase_if(byUser[userId], isTheOne) > 0) removed[address.value] = reason;
            });
    }

    std::map<std::string, std::vector<notification::Address>> byUser;
    std::map<std::string, std::string> removed;
    int lookUps = 0;
};

class MemoryPushLedger final : public port::PushLedger
{
public:
    std::map<std::string, std::vector<port::PushRecord>> recordsOf(std::span<const std::string> messageIds) override
    {
        ++lookUps;
        std::map<std::string, std::vector<port::PushRecord>> result;
        for (const auto& [key, record] : records)
            if (std::ranges::find(messageIds, record.messageId) != messageIds.end()) result[record.messageId].push_back(record);
        return result;
    }
    void write(std::span<const port::PushRecord> written) override { put(written); }
    void stageWrite(UnitOfWork& work, std::vector<port::PushRecord> written) override
    {
        work.stage([this, written](StoreSession&) { put(written); });
    }
    std::size_t sweep(TimePoint, std::size_t) override { return 0; }

    std::vector<port::PushRecord> of(const std::string& messageId)
    {
        const std::string ids[] = {messageId};
        return recordsOf(ids)[messageId];
    }

    std::map<std::string, port::PushRecord> records;
    int lookUps = 0;

private:
    void put(std::span<const port::PushRecord> written)
    {
        for (const auto& record : written)
        {
            port::PushRecord& kept = records[record.messageId + "/" + record.addressHash];
            if (record.state == port::PushState::Intent && kept.state == port::PushState::Accepted) continue;
            kept = record;
        }
    }
};

class MemoryRateLimiter final : public port::RateLimiter
{
public:
    std::vector<TimePoint> reserve(std::span<const port::RateRequest> requests, const port::RateLimit& limit, TimePoint now) override
    {
        ++reservations;
        std::vector<TimePoint> moments;
        for (const auto& request : requests)
        {
            if (permits.contains(request.messageId))
            {
                moments.push_back(now);
                continue;
            }
            int counted = 0;
            for (const auto& [messageId, permit] : permits)
                if (permit.key == request.key && permit.spentAt.value_or(now) > now - limit.window) ++counted;
            if (counted < limit.permits)
            {
                permits[request.messageId] = {request.key, {}};
                moments.push_back(now);
            }
            else
                moments.push_back(now + limit.window);
        }
        return moments;
    }
    void stageSpent(UnitOfWork& work, const std::string& messageId, TimePoint at) override
    {
        work.stage(
            [this, messageId, at](StoreSession&)
            {
                if (const auto found = permits.find(messageId); found != permits.end()) found->second.spentAt = at;
            });
    }
    void stageRelease(UnitOfWork& work, const std::string& messageId) override
    {
        work.stage(
            [this, messageId](StoreSession&)
            {
                releases.insert(messageId);
                if (const auto found = permits.find(messageId); found != permits.end() && !found->second.spentAt) permits.erase(found);
            });
    }
    std::size_t sweep(TimePoint, std::size_t) override { return 0; }

    struct Permit
    {
        std::string key;
        std::optional<TimePoint> spentAt;
    };
    std::map<std::string, Permit> permits;
    std::set<std::string> releases;
    int reservations = 0;
};

} // namespace carillon::tests
