#include "admin/FaultJson.h"

#include "fcm/GoogleError.h"
#include "http/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::fakefcm
{

namespace
{

/// Enough for a body of any size a client should refuse to read.
constexpr std::uint64_t maxPadding = 64ULL * 1024 * 1024;
constexpr std::uint64_t maxDelay = 24ULL * 60 * 60 * 1000;

FaultMatch matchFrom(const Json* json, const std::string& place)
{
    FaultMatch match;
    if (json == nullptr) return match;
    ObjectReader reader(*json, place);
    match.address = reader.string("address").value_or(std::string());
    match.data = reader.strings("data");
    match.notification = reader.strings("notification");
    for (const auto& [name, ignored] : match.notification)
    {
        if (name != "title" && name != "body") reader.fail("notification", "an object with title, body or both");
    }
    reader.refuseOthers();
    return match;
}

Interruption interruptionFrom(ObjectReader& reader)
{
    Interruption interruption = Interruption::None;
    if (const Json* reset = reader.field("reset"); reset != nullptr && *reset != false)
    {
        if (*reset == true || *reset == "stream")
            interruption = Interruption::ResetStream;
        else if (*reset == "connection")
            interruption = Interruption::ResetConnection;
        else
            reader.fail("reset", "true, \"stream\" or \"connection\"");
    }
    if (const Json* goaway = reader.field("goaway"); goaway != nullptr && *goaway != false)
    {
        if (interruption != Interruption::None) reader.fail("goaway", "absent beside reset: one answer has one end");
        if (*goaway == true || *goaway == "unread")
            interruption = Interruption::GoAwayUnread;
        else if (*goaway == "after")
            interruption = Interruption::GoAwayAfter;
        else
            reader.fail("goaway", "true, \"unread\" or \"after\"");
    }
    return interruption;
}

void readBody(ObjectReader& reader, FaultAction& action)
{
    const bool html = reader.boolean("html").value_or(false);
    const Json* body = reader.field("body");
    if (html) action.contentType = "text/html; charset=UTF-8";
    if (body != nullptr)
        action.body = body->is_string() ? body->get<std::string>() : body->dump(2) + "\n";
    else if (html && action.status)
        action.body = htmlErrorPage(*action.status);
    else if (html)
        reader.fail("html", "with a status");
    if (auto type = reader.string("contentType")) action.contentType = *type;
    action.padToBytes = reader.count("padToBytes", maxPadding).value_or(0);
}

void readHeaders(ObjectReader& reader, FaultAction& action)
{
    for (const auto& [name, value] : reader.strings("headers"))
    {
        const bool framed = value.find_first_of("\r\n") != std::string::npos || name.find_first_of(": \r\n") != std::string::npos;
        if (framed || name.empty()) reader.fail("headers", "names and values without line ends");
        action.headers.emplace_back(lowerCase(name), value);
    }
    const Json* retryAfter = reader.field("retryAfter");
    if (retryAfter == nullptr) return;
    const bool usable =
        retryAfter->is_number_integer() || (retryAfter->is_string() && text(retryAfter).find_first_of("\r\n") == std::string_view::npos);
    if (!usable) reader.fail("retryAfter", "seconds, or an HTTP-date as a string");
    action.headers.emplace_back("retry-after", retryAfter->is_string() ? retryAfter->get<std::string>() : retryAfter->dump());
}

FaultAction actionFrom(ObjectReader& reader, bool tokenEndpoint)
{
    FaultAction action;
    action.errorCode = reader.string("errorCode").value_or(std::string());
    if (const auto status = reader.number("status", 200, 599)) action.status = static_cast<int>(*status);
    if (!action.errorCode.empty() && !action.status)
    {
        const FcmErrorKind* kind = findFcmError(action.errorCode);
        if (kind == nullptr && !tokenEndpoint) reader.fail("status", "given beside an errorCode that FCM does not document");
        action.status = kind != nullptr && !tokenEndpoint ? kind->http : 400;
    }
    action.errorInfo = reader.string("errorInfo").value_or(std::string());
    if (const Json* apns = reader.field("apns"))
    {
        ObjectReader detail(*apns, reader.place("apns"));
        action.apns =
            std::pair(static_cast<int>(detail.count("statusCode", 599).value_or(400)), detail.string("reason").value_or("BadDeviceToken"));
        detail.refuseOthers();
    }
    readBody(reader, action);
    if (action.body && !action.status) action.status = 200;
    if ((action.apns || !action.errorInfo.empty()) && !action.status) reader.fail("status", "given beside apns or errorInfo");
    readHeaders(reader, action);
    action.delay = std::chrono::milliseconds(reader.count("delayMs", maxDelay).value_or(0));
    if (const auto cut = reader.count("cutAfterBytes", maxPadding)) action.cutAfterBytes = *cut;
    action.interruption = interruptionFrom(reader);

    const bool unanswered = action.interruption != Interruption::None && action.interruption != Interruption::GoAwayAfter;
    const bool byDefault = !unanswered && action.status.value_or(200) == 200 && action.errorCode.empty();
    action.deliver = reader.boolean("deliver").value_or(byDefault);
    if (!action.deliver && !unanswered && !action.status) reader.fail("deliver", "true, or beside a status, reset or goaway");
    if (action.deliver && action.interruption == Interruption::GoAwayUnread)
        reader.fail("deliver", "false beside goaway \"unread\": it says nothing was processed");
    if (unanswered && (action.cutAfterBytes || action.padToBytes != 0))
        reader.fail("cutAfterBytes", "absent when there is no answer to cut");
    return action;
}

FaultStep stepFrom(const Json& json, const std::string& place, bool tokenEndpoint)
{
    ObjectReader reader(json, place);
    FaultStep step;
    step.action = actionFrom(reader, tokenEndpoint);
    step.probability = reader.number("probability", 0, 1).value_or(1);
    const Json* times = reader.field("times");
    if (times == nullptr)
        step.left = 1;
    else if (*times == "forever")
        step.left = std::nullopt;
    else if (times->is_number_unsigned())
        step.left = times->get<std::uint64_t>();
    else
        reader.fail("times", "a whole number or \"forever\"");
    reader.refuseOthers();
    return step;
}

FaultScript scriptFrom(const Json& json, const std::string& place)
{
    ObjectReader reader(json, place);
    FaultScript script;
    script.match = matchFrom(reader.field("match"), reader.place("match"));
    const std::string target = reader.string("target").value_or("send");
    if (target != "send" && target != "token") reader.fail("target", "\"send\" or \"token\"");
    script.match.tokenEndpoint = target == "token";
    if (script.match.tokenEndpoint && reader.field("match") != nullptr)
        reader.fail("match", "absent for the token endpoint, which sees no message");
    const Json* answers = reader.field("answers");
    if (answers == nullptr || !answers->is_array() || answers->empty()) reader.fail("answers", "an array of at least one answer");
    reader.refuseOthers();
    for (std::size_t i = 0; i < answers->size(); ++i)
        script.steps.push_back(stepFrom((*answers)[i], fmt::format("{}[{}]", reader.place("answers"), i), script.match.tokenEndpoint));
    return script;
}

} // namespace

std::vector<FaultScript> faultScriptsFromJson(const Json& body)
{
    const Json* list = &body;
    std::string place = "faults";
    if (body.is_object() && body.contains("faults"))
    {
        ObjectReader reader(body, {});
        list = reader.field("faults");
        reader.refuseOthers();
    }
    if (list != nullptr && list->is_object()) return {scriptFrom(*list, place)};
    if (list == nullptr || !list->is_array()) throw BadRequest("the body: must be an array of faults, one fault, or {\"faults\": [...]}");
    std::vector<FaultScript> scripts;
    for (std::size_t i = 0; i < list->size(); ++i) scripts.push_back(scriptFrom((*list)[i], fmt::format("{}[{}]", place, i)));
    return scripts;
}

Json faultPlanToJson(const FaultPlan& plan)
{
    Json list = Json::array();
    for (const auto& script : plan.scripts())
    {
        Json left = Json::array();
        for (const FaultStep& step : script->steps) left.push_back(step.left ? Json(*step.left) : Json("forever"));
        Json match = Json::object();
        if (!script->match.address.empty()) match["address"] = script->match.address;
        for (const auto& [name, value] : script->match.data) match["data"][name] = value;
        for (const auto& [name, value] : script->match.notification) match["notification"][name] = value;
        list.push_back(
            {{"target", script->match.tokenEndpoint ? "token" : "send"}, {"match", std::move(match)}, {"left", std::move(left)}});
    }
    return {{"faults", std::move(list)}};
}

} // namespace carillon::fakefcm
