#include "fcm/SendEndpoint.h"

#include "fcm/FaultAnswer.h"
#include "fcm/GoogleError.h"
#include "fcm/MessageRules.h"
#include "http/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace carillon::fakefcm
{

namespace
{

constexpr std::string_view bearer = "Bearer ";

Answer invalidRequest(const std::vector<FieldViolation>& violations)
{
    std::string message;
    for (const FieldViolation& violation : violations) message += (message.empty() ? "" : "\n") + violation.description;
    return googleError(400, "INVALID_ARGUMENT", message, Json::array({badRequestDetail(violations)}));
}

Answer unauthenticated(std::string_view message, std::string_view reason)
{
    Json details = Json::array();
    if (!reason.empty())
    {
        details.push_back(
            errorInfoDetail(reason, {{"service", "fcm.googleapis.com"}, {"method", "google.firebase.fcm.v1.FcmService.SendMessage"}}));
    }
    Answer answer = googleError(401, "UNAUTHENTICATED", message, details);
    answer.headers.emplace_back("www-authenticate", reason == "CREDENTIALS_MISSING"
                                                        ? "Bearer realm=\"https://accounts.google.com/\""
                                                        : "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
    return answer;
}

Answer projectQuotaExceeded()
{
    const Json metadata = {{"service", "fcm.googleapis.com"},
                           {"consumer", "projects/123456789012"},
                           {"quota_metric", "fcm.googleapis.com/send_requests"},
                           {"quota_limit", "SendsPerMinutePerProject"}};
    return googleError(
        429, "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute' of service 'fcm.googleapis.com' "
        "for consumer 'project_number:123456789012'.",
        Json::array({errorInfoDetail("RATE_LIMIT_EXCEEDED", metadata)}));
}

std::string successBody(const std::string& name) { return fmt::format("{{\n  \"name\": {}\n}}\n", jsonQuoted(name)); }

} // namespace

SendEndpoint::SendEndpoint(std::string project, std::uint64_t seed, const Parts& parts)
    : _project(std::move(project)),
      _parts(parts),
      _names(seed)
{
}

Answer SendEndpoint::answer(const Request& request, std::string_view project, RequestRecord& record)
{
    const auto parameters = formFields(request.query);
    std::vector<FieldViolation> violations;
    std::string accessToken;
    if (!parameters) violations.push_back({"", "Invalid query: a percent escape is broken."});
    for (const auto& [name, value] : parameters ? *parameters : std::vector<std::pair<std::string, std::string>>())
    {
        if (name == "access_token" || name == "oauth_token") accessToken = value;
        if (_parts.schema.knowsQueryParameter(name)) continue;
        violations.push_back(
            {"", fmt::format("Invalid JSON payload received. Unknown name {0}: Cannot bind query parameter. Field {0} could not "
                             "be found in request message.",
                             jsonQuoted(name))});
    }
    if (auto refused = refusedCredential(request, project, accessToken)) return *refused;
    if (!violations.empty()) return invalidRequest(violations);

    const std::string type = lowerCase(request.header("content-type"));
    if (!type.empty() && type != "application/json" && !type.starts_with("application/json;"))
        return googleError(400, "INVALID_ARGUMENT", fmt::format("Unsupported content type {}; send application/json.", jsonQuoted(type)),
                           Json::array());

    std::string problem;
    const auto message = parseJson(request.body.empty() ? std::string_view("{}") : std::string_view(request.body), problem);
    if (!message) return googleError(400, "INVALID_ARGUMENT", "Invalid JSON payload received. " + problem, Json::array());
    const MessageView view(*message);
    record.address = view.target;
    record.validateOnly = view.validateOnly;
    // Before the schema: refused requests count against the quota, too.
    if (!_parts.quotas.spendProject()) return projectQuotaExceeded();
    violations = _parts.schema.check(*message);
    if (!violations.empty()) return invalidRequest(violations);
    if (const auto broken = brokenRule(view))
    {
        record.errorCode = "INVALID_ARGUMENT";
        return googleError(400, "INVALID_ARGUMENT", broken->message,
                           Json::array({fcmErrorDetail("INVALID_ARGUMENT"), badRequestDetail({{broken->field, broken->message}})}));
    }
    return answerMessage(view, record);
}

std::optional<Answer> SendEndpoint::refusedCredential(const Request& request, std::string_view project,
                                                      const std::string& accessTokenParameter) const
{
    const std::string_view header = request.header("authorization");
    if (header.empty() && accessTokenParameter.empty())
    {
        return unauthenticated(
            "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
            "valid authentication credential.",
            "CREDENTIALS_MISSING");
    }
    std::string_view token = accessTokenParameter;
    if (!header.empty()) token = header.starts_with(bearer) ? header.substr(bearer.size()) : std::string_view{};
    switch (_parts.tokens.check(token))
    {
    case AccessTokens::Verdict::Unknown: return unauthenticated(usualMessage(401), {});
    case AccessTokens::Verdict::Expired: return unauthenticated(usualMessage(401), "ACCESS_TOKEN_EXPIRED");
    case AccessTokens::Verdict::Valid: break;
    }
    if (project == _project) return std::nullopt;
    const std::string resource = fmt::format("//cloudresourcemanager.googleapis.com/projects/{}", project);
    return googleError(403, "PERMISSION_DENIED",
                       fmt::format("Permission 'cloudmessaging.messages.create' denied on resource '{}' (or it may not exist).", resource),
                       Json::array({errorInfoDetail("IAM_PERMISSION_DENIED",
                                                    {{"permission", "cloudmessaging.messages.create"}, {"resource", resource}})}));
}

Answer SendEndpoint::answerMessage(const MessageView& view, RequestRecord& record)
{
    const FaultAction* fault = _parts.faults.next(view);
    if (fault == nullptr) return usualAnswer(view, record);
    Answer answer;
    if (fault->replacesAnswer())
        answer = scripted(*fault, view, record);
    else if (fault->deliver)
        answer = usualAnswer(view, record);
    disturb(answer, *fault);
    return answer;
}

Answer SendEndpoint::scripted(const FaultAction& fault, const MessageView& view, RequestRecord& record)
{
    std::string name;
    if (fault.deliver && !view.validateOnly) name = deliver(view, *fault.status, record);
    record.errorCode = fault.errorCode;
    const bool success = *fault.status == 200 && fault.errorCode.empty();
    return scriptedAnswer(fault, success ? successBody(name.empty() ? fmt::format("projects/{}/messages/fake_message_id", _project) : name)
                                         : fcmErrorBody(fault));
}

Answer SendEndpoint::usualAnswer(const MessageView& view, RequestRecord& record)
{
    Answer answer;
    if (auto refused = refusedTarget(view, answer.delay, record))
    {
        refused->delay = answer.delay;
        return std::move(*refused);
    }
    answer.body =
        successBody(view.validateOnly ? fmt::format("projects/{}/messages/fake_message_id", _project) : deliver(view, 200, record));
    return answer;
}

std::optional<Answer> SendEndpoint::refusedTarget(const MessageView& view, std::chrono::milliseconds& delay, RequestRecord& record)
{
    if (view.targetKind == TargetKind::Topic || view.targetKind == TargetKind::Condition) return std::nullopt;

    Address* address = _parts.addresses.find(view.target, view.targetKind);
    if (address == nullptr && !_parts.addresses.acceptsAny()) return fcmError("INVALID_ARGUMENT", record);
    bool withinLimit = true;
    if (address != nullptr)
    {
        switch (address->state)
        {
        case AddressState::Unregistered: return fcmError("UNREGISTERED", record);
        case AddressState::Mismatched: return fcmError("SENDER_ID_MISMATCH", record);
        case AddressState::Invalid: return fcmError("INVALID_ARGUMENT", record);
        case AddressState::ApnsDead:
            record.errorCode = "INVALID_ARGUMENT";
            return googleError(400, "INVALID_ARGUMENT", "APNs device token is disabled.",
                               Json::array({fcmErrorDetail("INVALID_ARGUMENT"), apnsErrorDetail(410, "Unregistered")}));
        case AddressState::Slow: delay = address->slow; break;
        case AddressState::Throttled:
            withinLimit = address->minute.spend(_parts.clock.now(), std::chrono::minutes(1), address->perMinute);
            break;
        case AddressState::Valid: break;
        }
    }
    if (withinLimit) withinLimit = _parts.quotas.spendDevice(record.address);
    if (withinLimit) return std::nullopt;

    record.errorCode = "QUOTA_EXCEEDED";
    constexpr std::string_view message = "Device message rate exceeded.";
    return googleError(429, "RESOURCE_EXHAUSTED", message,
                       Json::array({fcmErrorDetail("QUOTA_EXCEEDED"), quotaFailureDetail("device", message)}));
}

std::string SendEndpoint::deliver(const MessageView& view, int status, RequestRecord& record)
{
    DeliveredMessage message{record.time, view, nextName(), status, record.connection, _parts.quotas.deviceDelay(record.address, view)};
    record.delivered = _parts.journal.append(message);
    return message.name;
}

Answer SendEndpoint::fcmError(std::string_view errorCode, RequestRecord& record) const
{
    const FcmErrorKind& kind = *findFcmError(errorCode);
    record.errorCode = errorCode;
    return googleError(kind.http, kind.status, kind.message, Json::array({fcmErrorDetail(errorCode)}));
}

std::string SendEndpoint::nextName()
{
    // In the real form, but not by the time: the same requests get the same names in every run.
    return fmt::format("projects/{}/messages/0:{}%{:016x}", _project, 1700000000000000ULL + ++_named, _names());
}

} // namespace carillon::fakefcm
