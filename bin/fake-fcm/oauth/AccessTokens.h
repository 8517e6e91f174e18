#pragma once

#include "fcm/VirtualClock.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace carillon::fakefcm
{

/// The access tokens given out. Opaque, random, checked by one look-up. Not thread-safe.
class AccessTokens
{
public:
    enum class Verdict
    {
        Valid,
        Expired, ///< or revoked
        Unknown
    };

    AccessTokens(const VirtualClock& clock, std::chrono::seconds life) : _clock(clock), _life(life) {}

    std::string issue();
    Verdict check(std::string_view token) const;

    std::chrono::seconds life() const { return _life; }

    /// For tokens issued from now on.
    void setLife(std::chrono::seconds life) { _life = life; }

    /// Every token given out so far is expired from now on.
    void revokeAll();

    std::uint64_t issued() const { return _issued; }

private:
    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    const VirtualClock& _clock;
    std::chrono::seconds _life;
    std::uint64_t _issued = 0;
    std::unordered_map<std::string, VirtualClock::TimePoint, Hash, std::equal_to<>> _expiry;
};

} // namespace carillon::fakefcm
