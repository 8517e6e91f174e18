#include "fcm/GoogleError.h"

#include "http/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace carillon::fakefcm
{

Json fcmErrorDetail(std::string_view errorCode)
{
    return {{"@type", "type.googleapis.com/google.firebase.fcm.v1.FcmError"}, {"errorCode", errorCode}};
}

Json apnsErrorDetail(int statusCode, std::string_view reason)
{
    return {{"@type", "type.googleapis.com/google.firebase.fcm.v1.ApnsError"}, {"statusCode", statusCode}, {"reason", reason}};
}

Json badRequestDetail(const std::vector<FieldViolation>& violations)
{
    Json list = Json::array();
    for (const FieldViolation& violation : violations)
    {
        Json entry = {{"description", violation.description}};
        if (!violation.field.empty()) entry["field"] = violation.field;
        list.push_back(std::move(entry));
    }
    return {{"@type", "type.googleapis.com/google.rpc.BadRequest"}, {"fieldViolations", std::move(list)}};
}

Json errorInfoDetail(std::string_view reason, const Json& metadata)
{
    return {
        {"@type", "type.googleapis.com/google.rpc.ErrorInfo"}, {"reason", reason}, {"domain", "googleapis.com"}, {"metadata", metadata}};
}

Json quotaFailureDetail(std::string_view subject, std::string_view description)
{
    return {{"@type", "type.googleapis.com/google.rpc.QuotaFailure"},
            {"violations", Json::array({Json{{"subject", subject}, {"description", description}}})}};
}

Answer googleError(int http, std::string_view status, std::string_view message, const Json& details)
{
    Json error = {{"code", http}, {"message", message}, {"status", status}};
    if (!details.empty()) error["details"] = details;
    Answer answer;
    answer.status = http;
    // A request may have named an unknown field in broken UTF-8; the answer must be JSON all the same.
    answer.body = Json{{"error", std::move(error)}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    return answer;
}

const FcmErrorKind* findFcmError(std::string_view errorCode)
{
    static constexpr std::array<FcmErrorKind, 9> kinds{{
        {"INVALID_ARGUMENT", 400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"},
        {"UNREGISTERED", 404, "NOT_FOUND", "Requested entity was not found."},
        {"SENDER_ID_MISMATCH", 403, "PERMISSION_DENIED", "SenderId mismatch"},
        {"QUOTA_EXCEEDED", 429, "RESOURCE_EXHAUSTED", "Quota exceeded for the target of the message."},
        {"THIRD_PARTY_AUTH_ERROR", 401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"},
        {"APNS_AUTH_ERROR", 401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service"},
        {"UNAVAILABLE", 503, "UNAVAILABLE", "The service is currently unavailable."},
        {"INTERNAL", 500, "INTERNAL", "Internal error encountered."},
        {"UNSPECIFIED_ERROR", 500, "UNKNOWN", "Unknown error."},
    }};
    const auto* found = std::find_if(kinds.begin(), kinds.end(), [&](const FcmErrorKind& kind) { return kind.errorCode == errorCode; });
    return found == kinds.end() ? nullptr : found;
}

std::string_view rpcStatus(int http)
{
    switch (http)
    {
    case 200: return "OK";
    case 400: return "INVALID_ARGUMENT";
    case 401: return "UNAUTHENTICATED";
    case 403: return "PERMISSION_DENIED";
    case 404: return "NOT_FOUND";
    case 409: return "ABORTED";
    case 429: return "RESOURCE_EXHAUSTED";
    case 499: return "CANCELLED";
    case 500: return "INTERNAL";
    case 501: return "UNIMPLEMENTED";
    case 503: return "UNAVAILABLE";
    case 504: return "DEADLINE_EXCEEDED";
    default: return "UNKNOWN";
    }
}

std::string_view usualMessage(int http)
{
    switch (http)
    {
    case 400: return "Request contains an invalid argument.";
    case 401:
        return "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication "
               "credential.";
    case 403: return "The caller does not have permission";
    case 404: return "Requested entity was not found.";
    case 429: return "Resource has been exhausted (e.g. check quota).";
    case 500: return "Internal error encountered.";
    case 503: return "The service is currently unavailable.";
    case 504: return "Deadline expired before operation could complete.";
    default: return "Unknown error.";
    }
}

Answer htmlError(int http)
{
    Answer answer;
    answer.status = http;
    answer.contentType = "text/html; charset=UTF-8";
    answer.body = htmlErrorPage(http);
    return answer;
}

} // namespace carillon::fakefcm
