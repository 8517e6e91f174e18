#pragma once

#include "carillon/Api.h"
#include "carillon/Clock.h"
#include "carillon/UnitOfWork.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::notification
{

/// Where a push to one installation of an app goes. The value is a secret: logs show log fingerprints only.
struct Address
{
    /// `fid` (Firebase installation id) or `token` (FCM registration token).
    std::string kind;
    std::string value;
    /// `android`, `ios`, `web`.
    std::string platform;
    /// The app's name, where a user has several.
    std::string application;
    TimePoint registeredAt{};

    bool operator==(const Address&) const = default;
};

/// User → push addresses. Thread-safe; blocks for the store's answer; throws StoreError.
class CARILLON_API DeviceRegistry
{
public:
    virtual ~DeviceRegistry();

    /// Adds the address, or moves it here when another user had it: an installation belongs to who is logged in.
    virtual void put(const std::string& userId, const Address& address) = 0;
    virtual void remove(const std::string& userId, const std::string& addressValue) = 0;

    /// The addresses of each user, oldest first; a user without any has an empty list, an unknown one is absent.
    virtual std::map<std::string, std::vector<Address>> addressesOf(std::span<const std::string> userIds) = 0;

    /// Makes the user known without an address, so that "unknown user" and "no device" can be told apart.
    virtual void addUser(const std::string& userId) = 0;

    /// Within the deciding transaction: deletes the dead address if it is still the one that was sent to (same value, and not
    /// registered again after `sentAt`), and keeps a tombstone (hash, reason, time).
    virtual void stageRemoval(UnitOfWork& work, const std::string& userId, const Address& address, const std::string& reason, TimePoint sentAt) = 0;
};

} // namespace carillon::notification
