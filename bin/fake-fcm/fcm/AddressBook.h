#pragma once

#include "fcm/MessageView.h"
#include "fcm/VirtualClock.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace carillon::fakefcm
{

/// How FCM regards one address.
enum class AddressState
{
    Valid,
    Unregistered, ///< 404 UNREGISTERED: the app was uninstalled
    Mismatched,   ///< 403 SENDER_ID_MISMATCH: another project's address
    ApnsDead,     ///< 400 with ApnsError 410: Apple no longer knows the device
    Invalid,      ///< 400 INVALID_ARGUMENT: never was an address
    Slow,         ///< valid, answered after `slow`
    Throttled     ///< valid, `perMinute` messages a minute, then 429 QUOTA_EXCEEDED
};

struct Address
{
    TargetKind kind = TargetKind::Token;
    AddressState state = AddressState::Valid;
    std::chrono::milliseconds slow{0};
    std::uint64_t perMinute = 0;
    Allowance minute;
};

/// The addresses FCM knows, by their text. Not thread-safe.
class AddressBook
{
public:
    /// `acceptAny`: an address nobody registered is valid; else it is Invalid.
    explicit AddressBook(bool acceptAny) : _acceptAny(acceptAny) {}

    void set(const std::string& text, const Address& address) { _addresses[text] = address; }

    /// The address as a message names it, or null when there is none of that text and kind.
    Address* find(std::string_view text, TargetKind kind);

    bool acceptsAny() const { return _acceptAny; }
    std::size_t size() const { return _addresses.size(); }
    void clear() { _addresses.clear(); }

private:
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    bool _acceptAny;
    std::unordered_map<std::string, Address, Hash, std::equal_to<>> _addresses;
};

} // namespace carillon::fakefcm
