#include "SendMessage.h"

#include "carillon/Errors.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace carillon::send
{

using notification::SendRequest;

// The limits bound what is stored; what a push may hold (4096 bytes at FCM) the provider checks. `data` must not use the names that FCM
// keeps for itself (see DataMap.h). Which services there are is configured, so the schema knows only how a service is named.
const char* const sendMessageSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "notification.send",
  "type": "object",
  "required": ["userId", "type", "title", "body", "serviceName"],
  "additionalProperties": false,
  "properties": {
    "userId": {"type": "string", "minLength": 1, "maxLength": 128},
    "type": {"enum": ["alert", "reminder", "info"]},
    "title": {"type": "string", "maxLength": 256},
    "body": {"type": "string", "maxLength": 4096},
    "data": {
      "type": ["object", "array"],
      "propertyNames": {"minLength": 1, "maxLength": 256, "pattern": "^(?!from$|message_type$|google|gcm)"}
    },
    "serviceName": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z][a-z0-9_-]*$"}
  }
})json";

namespace
{

std::string textOf(const nlohmann::json& message, const char* field)
{
    const auto found = message.find(field);
    if (found == message.end() || !found->is_string())
        throw PermanentFailure(std::string("notification.send: '") + field + "' is missing or not a text; correct the message");
    return found->get<std::string>();
}

bool isSet(const Envelope& envelope, std::string_view header)
{
    const auto found = envelope.headers.find(header);
    if (found == envelope.headers.end() || found->second == "false") return false;
    if (found->second == "true") return true;
    throw PermanentFailure("notification.send: header '" + std::string(header) + "' is neither true nor false; correct it");
}

} // namespace

SendRequest parseSendMessage(const Envelope& envelope)
{
    const auto message = nlohmann::json::parse(envelope.body, nullptr, false);
    if (message.is_discarded()) throw PermanentFailure("notification.send: the body is not valid JSON; correct the message");
    if (!message.is_object()) throw PermanentFailure("notification.send: the body is not an object; correct the message");

    SendRequest request;
    request.userId = textOf(message, "userId");
    request.title = textOf(message, "title");
    request.body = textOf(message, "body");
    request.serviceName = textOf(message, "serviceName");

    const auto type = notification::notificationTypeFrom(textOf(message, "type"));
    if (!type) throw PermanentFailure("notification.send: 'type' is none of alert, reminder, info; correct the message");
    request.type = *type;

    if (const auto data = message.find("data"); data != message.end())
    {
        if (!data->is_structured())
            throw PermanentFailure("notification.send: 'data' is neither an object nor a list; correct the message");
        request.data = data->dump();
    }

    request.isDryRun = isSet(envelope, notification::dryRunHeader);
    request.isDoseReminder = isSet(envelope, notification::doseReminderHeader);
    return request;
}

bool isDryRun(const Envelope& envelope)
{
    const auto found = envelope.headers.find(notification::dryRunHeader);
    return found != envelope.headers.end() && found->second != "false";
}

} // namespace carillon::send
