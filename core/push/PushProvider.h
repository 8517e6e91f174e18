#pragma once

#include "carillon/Clock.h"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace carillon::push
{

/// One push to one address.
struct PushRequest
{
    /// `fid` or `token`.
    std::string addressKind;
    /// A secret.
    std::string address;
    std::string title;
    std::string body;
    /// Flat, text to text: what is nested was encoded by the service.
    std::map<std::string, std::string> data;
    /// The de-duplication handle, the same for every repeat: FCM's android tag, apns-collapse-id; at most 64 bytes.
    std::string tag;
    /// Alerts and reminders wake the device, infos do not.
    bool isUrgent = false;
    /// Not shown on a locked screen.
    bool isPrivate = true;
    /// The provider gives up then; unset: its own default.
    std::optional<TimePoint> expiresAt;
    /// W3C traceparent of the message's span.
    std::string traceParent;
    /// Every check, but nothing is delivered.
    bool isDryRun = false;
};

enum class PushOutcome
{
    Accepted,
    AddressDead,     ///< gone for good: delete it, if it is still the one
    PayloadRefused,  ///< our mistake: never again with this content, the address stays
    Throttled,       ///< not now: too many; not counted as an attempt
    Transient,       ///< failed, not processed for certain: may be sent again
    Misconfigured,   ///< credentials or project: nobody's message will pass; not counted
    ProviderDown,    ///< the breaker is open: not sent; not counted
    Ambiguous        ///< may have been taken: the connection died, or the answer made no sense
};

/// `accepted`, `address_dead`, `payload_refused`, …
std::string_view toString(PushOutcome outcome);

struct PushResult
{
    PushOutcome outcome = PushOutcome::Transient;
    std::string providerMessageId;
    /// The provider's short code (`UNREGISTERED`), or ours (`timeout`); never free text of the answer.
    std::string code;
    int httpStatus = 0;
    std::optional<std::chrono::milliseconds> retryAfter;
    /// For people; holds no address and no content.
    std::string detail;
};

/// Delivers pushes. Owns its connections and credentials; the service owns retries, limits and the ledger. Thread-safe.
class PushProvider
{
public:
    virtual ~PushProvider() = default;

    virtual std::string name() const = 0;

    /// Sends all at once over as many streams as there are, and calls `sink` exactly once for each request, by index, as answers come, on the calling
    /// thread. Returns when all have one; what has no answer at `deadline` is cancelled: Ambiguous when it was sent, else Transient. Never throws.
    using Sink = std::function<void(std::size_t index, PushResult result)>;
    virtual void push(std::span<const PushRequest> requests, SteadyPoint deadline, const Sink& sink) = 0;
};

} // namespace carillon::push
