#pragma once

#include "fcm/Json.h"
#include "http/Message.h"

#include <string>
#include <string_view>
#include <vector>

namespace carillon::fakefcm
{

/// One reason why a field was refused; both texts as google.rpc.BadRequest holds them.
struct FieldViolation
{
    std::string field;
    std::string description;
};

// Details of an error, each as its `@type` wants it.
Json fcmErrorDetail(std::string_view errorCode);
Json apnsErrorDetail(int statusCode, std::string_view reason);
Json badRequestDetail(const std::vector<FieldViolation>& violations);
Json errorInfoDetail(std::string_view reason, const Json& metadata);
Json quotaFailureDetail(std::string_view subject, std::string_view description);

/// {"error":{code, message, status, details}} in the form the API prints it. `details` is an array; when empty it is left out.
Answer googleError(int http, std::string_view status, std::string_view message, const Json& details);

/// What the API says for one of FCM's own error codes: HTTP status, google.rpc code and message.
struct FcmErrorKind
{
    std::string_view errorCode;
    int http;
    std::string_view status;
    std::string_view message;
};

/// Null for a code that FCM does not document.
const FcmErrorKind* findFcmError(std::string_view errorCode);

/// The google.rpc code that goes with an HTTP status: 503 → UNAVAILABLE.
std::string_view rpcStatus(int http);

/// The message that usually goes with an HTTP status.
std::string_view usualMessage(int http);

/// A page for a request that never reached the API.
Answer htmlError(int http);

} // namespace carillon::fakefcm
