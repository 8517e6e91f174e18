#pragma once

#include "push/PushProvider.h"

#include <chrono>
#include <optional>
#include <string>

namespace carillon::push::fcm
{

/// What is the same for every message of a client.
struct FcmMessageOptions
{
    /// For requests that do not expire; at most 28 days.
    std::chrono::seconds ttl{std::chrono::hours(24 * 28)};
    bool validateOnly = false;
};

/// The body of `messages:send` for one request.
///
/// FCM stays the authority: only what it would refuse, or take and get wrong, is refused here. The refusal is PayloadRefused with one of
/// our own codes: `no_target`, `unknown_address_kind`, `tag_too_long`, `reserved_data_key`, `expired`, `invalid_utf8`, `payload_too_large`.
///
/// Facts: Google's discovery document fcm:v1, and reference/fcm.md 1.2. Not thread-safe: one a thread, its buffer is reused.
class FcmMessage
{
public:
    /// FCM's limit is 4096 bytes of keys and values; what surrounds them is counted here too, so ours is a little lower.
    static constexpr std::size_t maxPayload = 4000;
    static constexpr std::size_t maxTag = 64;
    static constexpr std::chrono::seconds maxTtl = std::chrono::hours(24 * 28);

    explicit FcmMessage(FcmMessageOptions options) : _options(options) {}

    /// Writes the JSON to `json`, or returns why it must not be sent; `json` is unspecified then.
    std::optional<PushResult> write(const PushRequest& request, TimePoint now, std::string& json) const;

private:
    FcmMessageOptions _options;
};

} // namespace carillon::push::fcm
