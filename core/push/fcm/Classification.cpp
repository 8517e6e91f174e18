#include "push/fcm/Classification.h"

#include "push/fcm/ErrorBody.h"
#include "push/fcm/RetryAfter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace carillon::push::fcm
{
namespace
{

using std::chrono::milliseconds;

/// Google: after a 429 without Retry-After wait a minute. A wrong set-up is looked at again as often.
constexpr milliseconds longPause{60000};

enum class Kind
{
    Dead,
    SuspiciouslyDead,
    Refused,
    TooLarge,
    Throttled,
    ProjectThrottled,
    Retry,
    NewToken,
    Misconfigured,
    PlatformMisconfigured ///< the keys of one platform (APNs, Web Push) are wrong; the others' messages pass
};

struct Rule
{
    std::string_view code;
    Kind kind;
};

constexpr Rule apnsReasons[] = {
    {"Unregistered", Kind::Dead},
    {"ExpiredToken", Kind::Dead},
    {"BadDeviceToken", Kind::SuspiciouslyDead},
    {"DeviceTokenNotForTopic", Kind::SuspiciouslyDead},
    {"InvalidProviderToken", Kind::PlatformMisconfigured},
    {"ExpiredProviderToken", Kind::PlatformMisconfigured},
    {"MissingProviderToken", Kind::PlatformMisconfigured},
    {"BadEnvironmentKeyInToken", Kind::PlatformMisconfigured},
    {"BadCertificate", Kind::PlatformMisconfigured},
    {"BadCertificateEnvironment", Kind::PlatformMisconfigured},
    {"Forbidden", Kind::PlatformMisconfigured},
    {"BadTopic", Kind::PlatformMisconfigured},
    {"MissingTopic", Kind::PlatformMisconfigured},
    {"TopicDisallowed", Kind::PlatformMisconfigured},
    {"PayloadTooLarge", Kind::TooLarge},
    {"PayloadEmpty", Kind::Refused},
    {"BadCollapseId", Kind::Refused},
    {"BadExpirationDate", Kind::Refused},
    {"BadPriority", Kind::Refused},
    {"TooManyRequests", Kind::Throttled},
    {"TooManyProviderTokenUpdates", Kind::Throttled},
    {"InternalServerError", Kind::Retry},
    {"ServiceUnavailable", Kind::Retry},
    {"Shutdown", Kind::Retry},
};

constexpr Rule fcmErrors[] = {
    {"UNREGISTERED", Kind::Dead},
    {"SENDER_ID_MISMATCH", Kind::SuspiciouslyDead},
    {"QUOTA_EXCEEDED", Kind::Throttled},
    {"UNAVAILABLE", Kind::Retry},
    {"INTERNAL", Kind::Retry},
    {"INVALID_ARGUMENT", Kind::Refused},
    {"THIRD_PARTY_AUTH_ERROR", Kind::PlatformMisconfigured},
    {"APNS_AUTH_ERROR", Kind::PlatformMisconfigured},
};

constexpr Rule infoReasons[] = {
    {"RATE_LIMIT_EXCEEDED", Kind::ProjectThrottled},
    {"ACCESS_TOKEN_EXPIRED", Kind::NewToken},
    {"ACCESS_TOKEN_TYPE_UNSUPPORTED", Kind::NewToken},
    {"CREDENTIALS_MISSING", Kind::NewToken},
    {"SERVICE_DISABLED", Kind::Misconfigured},
    {"BILLING_DISABLED", Kind::Misconfigured},
    {"CONSUMER_INVALID", Kind::Misconfigured},
    {"CONSUMER_SUSPENDED", Kind::Misconfigured},
    {"USER_PROJECT_DENIED", Kind::Misconfigured},
    {"IAM_PERMISSION_DENIED", Kind::Misconfigured},
    {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", Kind::Misconfigured},
    {"ACCOUNT_STATE_INVALID", Kind::Misconfigured},
};

/// NOT_FOUND without an FcmError does not say what was not found: it is no reason to delete an address, nor to send again.
constexpr Rule statuses[] = {
    {"INVALID_ARGUMENT", Kind::Refused},
    {"FAILED_PRECONDITION", Kind::Refused},
    {"OUT_OF_RANGE", Kind::Refused},
    {"NOT_FOUND", Kind::Refused},
    {"ALREADY_EXISTS", Kind::Refused},
    {"UNIMPLEMENTED", Kind::Misconfigured},
    {"UNAUTHENTICATED", Kind::NewToken},
    {"PERMISSION_DENIED", Kind::Misconfigured},
    {"RESOURCE_EXHAUSTED", Kind::Throttled},
    {"ABORTED", Kind::Retry},
    {"CANCELLED", Kind::Retry},
    {"UNKNOWN", Kind::Retry},
    {"INTERNAL", Kind::Retry},
    {"DATA_LOSS", Kind::Retry},
    {"UNAVAILABLE", Kind::Retry},
    {"DEADLINE_EXCEEDED", Kind::Retry},
};

struct Decision
{
    Kind kind;
    std::string code;
};

template <std::size_t Count>
const Rule* find(const Rule (&rules)[Count], std::string_view code)
{
    const auto* found = std::find_if(std::begin(rules), std::end(rules), [&](const Rule& rule) { return rule.code == code; });
    return found == std::end(rules) ? nullptr : found;
}

bool containsNoCase(std::string_view text, std::string_view lowerCasePart)
{
    const auto same = [](char left, char right) { return std::tolower(static_cast<unsigned char>(left)) == right; };
    return std::search(text.begin(), text.end(), lowerCasePart.begin(), lowerCasePart.end(), same) != text.end();
}

bool isTooLarge(const ErrorBody& body) { return containsNoCase(body.message, "message is too big"); }

/// INVALID_ARGUMENT stands for three things; only the message and the violated field tell them apart.
Decision invalidArgument(const ErrorBody& body)
{
    if (isTooLarge(body)) return {Kind::TooLarge, "payload_too_large"};
    const bool namesAddress = std::any_of(body.violatedFields.begin(), body.violatedFields.end(),
                                          [](const std::string& field) { return field == "message.token" || field == "message.fid"; });
    if (namesAddress || containsNoCase(body.message, "not a valid fcm registration token"))
        return {Kind::SuspiciouslyDead, "INVALID_REGISTRATION"};
    return {Kind::Refused, "INVALID_ARGUMENT"};
}

Decision byHttp(int status, bool isJson)
{
    const auto code = [&] { return fmt::format("HTTP_{}", status); };
    switch (status)
    {
    case 401: return {Kind::NewToken, code()};
    // Without JSON nobody of FCM spoke: the path is wrong or a proxy is in between. That is no dead address.
    case 404: return {isJson ? Kind::Refused : Kind::Misconfigured, code()};
    case 403: return {Kind::Misconfigured, code()};
    case 407: return {Kind::Misconfigured, code()};
    case 408: return {Kind::Retry, code()};
    case 413: return {Kind::TooLarge, "payload_too_large"};
    case 421: return {Kind::Retry, code()};
    case 429: return {Kind::Throttled, code()};
    default: break;
    }
    if (status >= 500) return {Kind::Retry, code()};
    // A redirect is not followed: it would carry the token and the patient's text to another server.
    if (status < 400) return {Kind::Misconfigured, code()};
    return {Kind::Refused, code()};
}

Decision decide(int status, const ErrorBody& body)
{
    if (const Rule* rule = find(apnsReasons, body.apnsReason)) return {rule->kind, fmt::format("APNS_{}", rule->code)};
    if (body.apnsStatus == 410) return {Kind::Dead, "APNS_410"};
    if (const Rule* rule = find(fcmErrors, body.fcmError))
        return rule->code == "INVALID_ARGUMENT" ? invalidArgument(body) : Decision{rule->kind, std::string(rule->code)};
    if (const Rule* rule = find(infoReasons, body.infoReason)) return {rule->kind, std::string(rule->code)};
    if (body.status == "INVALID_ARGUMENT" && isTooLarge(body)) return {Kind::TooLarge, "payload_too_large"};
    if (const Rule* rule = find(statuses, body.status)) return {rule->kind, std::string(rule->code)};
    return byHttp(status, body.isJson);
}

std::optional<milliseconds> askedWait(const HttpAnswer& answer, const ErrorBody& body, TimePoint now, milliseconds longest)
{
    auto wait = parseRetryAfter(answer.retryAfter, now);
    if (!wait) wait = parseDuration(body.retryDelay);
    if (wait) wait = std::min(*wait, longest);
    return wait;
}

std::optional<milliseconds> retryWait(std::optional<milliseconds> asked, milliseconds shortest)
{
    if (asked) return std::max(*asked, shortest);
    if (shortest > milliseconds(0)) return shortest;
    return std::nullopt;
}

Verdict verdict(PushOutcome outcome, std::string code, std::string detail, ProviderHealth health)
{
    Verdict verdict;
    verdict.result.outcome = outcome;
    verdict.result.code = std::move(code);
    verdict.result.detail = std::move(detail);
    verdict.health = health;
    return verdict;
}

/// No answer at all.
Verdict withoutAnswer(const HttpAnswer& answer, const ClassificationOptions& options)
{
    const TransportProblem problem = answer.problem.value_or(TransportProblem::Lost);
    const std::string code(toString(problem));
    if (problem == TransportProblem::Untrusted)
    {
        auto result = verdict(PushOutcome::Misconfigured, code,
                              "FCM's certificate is not trusted; set push.fcm.ca_file to the right authority", ProviderHealth::Failing);
        result.result.retryAfter = longPause;
        return result;
    }
    const bool isOurs = problem == TransportProblem::Deadline || problem == TransportProblem::Stopping;
    if (problem == TransportProblem::Unprocessed)
    {
        auto result =
            verdict(PushOutcome::Transient, code, "FCM closed the connection before it looked at this push", ProviderHealth::Unknown);
        result.result.retryAfter = milliseconds(0);
        return result;
    }
    const auto health = isOurs ? ProviderHealth::Unknown : ProviderHealth::Failing;
    if (answer.mayBeProcessed) return verdict(PushOutcome::Ambiguous, code, "sent, but no answer came: FCM may have taken it", health);
    auto result = verdict(PushOutcome::Transient, code, "not sent: FCM could not be reached in time", health);
    if (!isOurs) result.result.retryAfter = retryWait(std::nullopt, options.minRetryDelay);
    return result;
}

Verdict accepted(const HttpAnswer& answer, bool isDryRun)
{
    if (answer.problem)
    {
        const bool isLarge = answer.problem == TransportProblem::TooLarge;
        return verdict(PushOutcome::Ambiguous, isLarge ? "answer_too_large" : "answer_cut",
                       "FCM's answer broke off: it may have taken the push", isLarge ? ProviderHealth::Alive : ProviderHealth::Failing);
    }
    const std::string name = parseMessageName(answer.body);
    if (name.empty())
        return verdict(PushOutcome::Ambiguous, "no_message_name", "FCM answered 200 without a message name: it may have taken the push",
                       ProviderHealth::Alive);
    if (!isDryRun && name.ends_with("/fake_message_id"))
    {
        auto result =
            verdict(PushOutcome::Misconfigured, "dry_run_answer",
                    "FCM took a real push for a dry run: nothing was delivered; look for a proxy or endpoint that sets validate_only",
                    ProviderHealth::Failing);
        result.result.retryAfter = longPause;
        return result;
    }
    Verdict result = verdict(PushOutcome::Accepted, {}, {}, ProviderHealth::Alive);
    result.result.providerMessageId = name;
    return result;
}

/// A refusal whose body broke off: 4xx cannot be told apart any more, but nothing was taken.
bool isUnreadable(const HttpAnswer& answer)
{
    return answer.problem && answer.problem != TransportProblem::TooLarge && answer.status >= 400 && answer.status < 500 &&
           answer.status != 401 && answer.status != 413 && answer.status != 429;
}

Verdict refused(const HttpAnswer& answer, TimePoint now, const ClassificationOptions& options)
{
    if (isUnreadable(answer))
        return verdict(PushOutcome::Transient, "answer_cut", "FCM refused, and its answer broke off", ProviderHealth::Unknown);
    const ErrorBody body = parseErrorBody(answer.body);
    Decision decision = decide(answer.status, body);
    const auto asked = askedWait(answer, body, now, options.maxRetryAfter);
    const std::string& code = decision.code;

    Verdict result;
    switch (decision.kind)
    {
    case Kind::Dead: result = verdict(PushOutcome::AddressDead, code, "the app is gone from this device", ProviderHealth::Alive); break;
    case Kind::SuspiciouslyDead:
        result = verdict(PushOutcome::AddressDead, code, "the address is not one of this project's", ProviderHealth::Alive);
        result.isSuspiciousDeath = true;
        break;
    case Kind::Refused: result = verdict(PushOutcome::PayloadRefused, code, "FCM does not take this content", ProviderHealth::Alive); break;
    case Kind::TooLarge:
        result = verdict(PushOutcome::PayloadRefused, code, "the push is too large; shorten the text or send a reference",
                         ProviderHealth::Alive);
        break;
    case Kind::Throttled:
    case Kind::ProjectThrottled:
        result = verdict(PushOutcome::Throttled, code, "too many pushes", ProviderHealth::Unknown);
        result.result.retryAfter = asked.value_or(std::min(longPause, options.maxRetryAfter));
        result.closesTap = decision.kind == Kind::ProjectThrottled;
        break;
    case Kind::Retry:
        result = verdict(PushOutcome::Transient, code, "FCM could not do it now", ProviderHealth::Failing);
        result.result.retryAfter = retryWait(asked, options.minRetryDelay);
        break;
    case Kind::NewToken:
        result = verdict(PushOutcome::Misconfigured, code, "FCM refuses the access token; check the service account's project and roles",
                         ProviderHealth::Failing);
        result.wantsNewToken = true;
        break;
    case Kind::Misconfigured:
        result = verdict(PushOutcome::Misconfigured, code, "FCM refuses this project or endpoint; check push.fcm and the project's FCM API",
                         ProviderHealth::Failing);
        break;
    case Kind::PlatformMisconfigured:
        result = verdict(PushOutcome::Misconfigured, code, "FCM has no valid APNs or Web Push key; upload it in the Firebase console",
                         ProviderHealth::Alive);
        break;
    }
    if (result.result.outcome == PushOutcome::Misconfigured) result.result.retryAfter = asked.value_or(longPause);
    return result;
}

} // namespace

Verdict classify(const HttpAnswer& answer, bool isDryRun, TimePoint now, const ClassificationOptions& options)
{
    Verdict result;
    if (answer.status < 200)
        result = withoutAnswer(answer, options);
    else if (answer.status < 300)
        result = accepted(answer, isDryRun);
    else
        result = refused(answer, now, options);
    result.result.httpStatus = answer.status < 200 ? 0 : answer.status;
    return result;
}

} // namespace carillon::push::fcm
