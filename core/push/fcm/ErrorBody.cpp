#include "push/fcm/ErrorBody.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace carillon::push::fcm
{
namespace
{

using Json = nlohmann::json;

const Json& member(const Json& object, const char* name)
{
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

std::string textOf(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

void readDetail(const Json& detail, ErrorBody& body)
{
    const std::string type = textOf(member(detail, "@type"));
    const auto is = [&](std::string_view name) { return std::string_view(type).ends_with(name); };
    if (is("google.firebase.fcm.v1.FcmError")) body.fcmError = textOf(member(detail, "errorCode"));
    if (is("google.firebase.fcm.v1.ApnsError"))
    {
        body.apnsReason = textOf(member(detail, "reason"));
        const Json& status = member(detail, "statusCode");
        if (status.is_number_integer()) body.apnsStatus = status.get<int>();
    }
    if (is("google.rpc.ErrorInfo")) body.infoReason = textOf(member(detail, "reason"));
    if (is("google.rpc.RetryInfo")) body.retryDelay = textOf(member(detail, "retryDelay"));
    if (!is("google.rpc.BadRequest")) return;
    for (const Json& violation : member(detail, "fieldViolations")) body.violatedFields.push_back(textOf(member(violation, "field")));
}

} // namespace

ErrorBody parseErrorBody(const std::string& text)
{
    ErrorBody body;
    const Json answer = Json::parse(text, nullptr, false);
    // A bare number or string is JSON by the letter, but nothing that Google's APIs answer.
    body.isJson = answer.is_object() || answer.is_array();
    if (!body.isJson) return body;

    // Some front ends of Google's wrap the error in a list of one.
    const Json& error = member(answer.is_array() && answer.size() == 1 ? answer.front() : answer, "error");
    body.status = textOf(member(error, "status"));
    body.message = textOf(member(error, "message"));
    const Json& details = member(error, "details");
    if (!details.is_array()) return body;
    for (const Json& detail : details) readDetail(detail, body);
    return body;
}

std::string parseMessageName(const std::string& text) { return textOf(member(Json::parse(text, nullptr, false), "name")); }

} // namespace carillon::push::fcm
