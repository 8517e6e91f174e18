#pragma once

#include "push/PushProvider.h"
#include "push/fcm/HttpAnswer.h"

namespace carillon::push::fcm
{

/// What an answer says of FCM itself, for the breaker.
enum class ProviderHealth
{
    Alive,   ///< it did its work for this request, whatever the result
    Failing, ///< it, the way to it or our credentials are broken, for every request alike
    Unknown
};

/// One answer, understood.
struct Verdict
{
    PushResult result;
    ProviderHealth health = ProviderHealth::Unknown;
    /// The access token was refused: get a new one and send again, once.
    bool wantsNewToken = false;
    /// The project's quota is used up: nothing of ours will pass until `result.retryAfter`.
    bool closesTap = false;
    /// AddressDead, but a wrong project, key or APNs environment would give this answer for a living address too.
    bool isSuspiciousDeath = false;
};

struct ClassificationOptions
{
    std::chrono::milliseconds minRetryDelay{0};
    std::chrono::milliseconds maxRetryAfter{std::chrono::minutes(15)};
};

/// Understands one answer. Pure; never throws.
///
/// Precedence: ApnsError.reason > FcmError > ErrorInfo.reason > status > HTTP; what is unknown on one level is looked up on the next. An
/// address is dead only where a code that speaks of the address says so. `result.code` is one of Google's or Apple's documented codes or
/// one of ours, never text of the answer. Facts: reference/fcm.md 1.4 and 1.10.
Verdict classify(const HttpAnswer& answer, bool isDryRun, TimePoint now, const ClassificationOptions& options);

} // namespace carillon::push::fcm
