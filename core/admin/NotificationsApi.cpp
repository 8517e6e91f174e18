#include "admin/NotificationsApi.h"

#include "admin/Parameters.h"
#include "carillon/Errors.h"
#include "carillon/notification/NotificationRepository.h"
#include "carillon/notification/NotificationService.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace carillon::admin
{
namespace
{

using nlohmann::json;
using notification::Notification;

constexpr const char* messageType = "notification.send";
constexpr std::size_t longestKey = 200;

std::string linkTo(const std::string& id) { return "/api/v1/notifications/" + id; }

/// The body is JSON within the limits; what it must say, its schema knows.
void checkBody(const std::string& body, const schema::BodyLimits& limits)
{
    if (body.size() > limits.maxBytes) throw Problem(413, fmt::format("a message has at most {} bytes", limits.maxBytes));
    try
    {
        schema::checkJson(body, limits);
    }
    catch (const InvalidInput& invalid)
    {
        throw Problem(400, invalid.what(), {}, {{invalid.pointer(), "", invalid.what()}});
    }
}

Envelope envelopeOf(const Request& request, TimePoint now)
{
    Envelope envelope;
    envelope.type = messageType;
    envelope.body = request.body;
    envelope.traceParent = request.traceParent;
    envelope.dueAt = timeParameter(request, "due_at");
    envelope.expiresAt = timeParameter(request, "expires_at");
    if (envelope.expiresAt && *envelope.expiresAt <= std::max(now, envelope.dueAt.value_or(now)))
        throw Problem(400, "the query parameter 'expires_at' must be later than now and than due_at", {},
                      {{"", "expires_at", "must be later"}});
    constexpr long most = std::numeric_limits<int>::max();
    envelope.priority = static_cast<int>(numberParameter(request, "priority", -most, most).value_or(0));
    envelope.dedupeKey = textParameter(request, "dedupe_key", longestKey).value_or("");
    if (flagParameter(request, "dry_run")) envelope.headers[std::string(notification::dryRunHeader)] = "true";
    return envelope;
}

std::string textOf(const json& body, const char* field)
{
    const auto found = body.find(field);
    if (found == body.end() || !found->is_string()) throw InvalidInput("is missing or not a text", std::string("/") + field);
    return found->get<std::string>();
}

/// The document that says `pending` from the moment the message is there. The schema has been checked where a plugin here owns the type.
Notification documentOf(const Envelope& envelope)
{
    const json body = json::parse(envelope.body);
    Notification document;
    document.id = notification::notificationIdFor(envelope.id);
    document.messageId = envelope.id;
    document.userId = textOf(body, "userId");
    const auto type = notification::notificationTypeFrom(textOf(body, "type"));
    if (!type) throw InvalidInput("is none of alert, reminder, info", "/type");
    document.type = *type;
    document.title = textOf(body, "title");
    document.body = textOf(body, "body");
    document.serviceName = textOf(body, "serviceName");
    if (const auto data = body.find("data"); data != body.end()) document.data = data->dump();
    document.createdAt = envelope.publishedAt;
    return document;
}

std::string asJson(const Notification& document)
{
    const auto timeOrNull = [](const std::optional<TimePoint>& time) { return time ? json(toRfc3339(*time)) : json(); };
    const json result{{"id", document.id},
                      {"messageId", document.messageId},
                      {"userId", document.userId},
                      {"type", notification::toString(document.type)},
                      {"title", document.title},
                      {"body", document.body},
                      {"data", json::parse(document.data, nullptr, false)},
                      {"serviceName", document.serviceName},
                      {"status", notification::toString(document.status)},
                      {"sentAt", timeOrNull(document.sentAt)},
                      {"createdAt", toRfc3339(document.createdAt)},
                      {"readAt", timeOrNull(document.readAt)},
                      {"version", document.version}};
    return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

Response dryRun(const Instance& instance, const Envelope& envelope)
{
    UnitOfWork nothing;
    const auto result = instance.publisher.publishWith(envelope, nothing);
    return jsonResponse(202, json{{"messageId", result.id}, {"status", "dry-run"}}.dump());
}

Response ask(const Instance& instance, const schema::BodyLimits& limits, const Request& request)
{
    checkBody(request.body, limits);
    const Envelope given = envelopeOf(request, instance.clock.now());
    Envelope envelope = instance.publisher.prepare(given);
    const Notification document = documentOf(envelope);
    // As the command line does: a dead letter names its service however it was published.
    envelope.service = document.serviceName;
    envelope.service = document.serviceName;
    if (envelope.headers.contains(notification::dryRunHeader)) return dryRun(instance, envelope);

    notification::NotificationRepository& notifications = instance.store.notifications();
    UnitOfWork work;
    notifications.stageInsert(work, document);
    const port::PublishResult result = instance.publisher.publishWith(envelope, work);
    const bool isDuplicate = result.status == port::PublishResult::Status::Duplicate;
    const std::string id = notification::notificationIdFor(result.id);
    std::string status = "pending";
    if (isDuplicate)
        if (const auto first = notifications.find(id)) status = notification::toString(first->status);
    Response response = jsonResponse(
        202, json{{"id", id}, {"messageId", result.id}, {"status", status}, {"duplicate", isDuplicate}, {"links", {{"self", linkTo(id)}}}}
                 .dump());
    response.headers.emplace_back("Location", linkTo(id));
    return response;
}

} // namespace

void addNotifications(Routes& routes, const Instance& instance, std::size_t maxDepth)
{
    schema::BodyLimits limits = instance.publisher.limits();
    limits.maxDepth = std::min(limits.maxDepth, maxDepth);
    routes.add("POST", "/api/v1/notifications", Access::Token,
               {[&instance, limits](const Request& request, const PathValues&) { return ask(instance, limits, request); },
                {"due_at", "expires_at", "priority", "dedupe_key", "dry_run"},
                true});
    routes.add("GET", "/api/v1/notifications/{id}", Access::Token,
               {[&instance](const Request&, const PathValues& values)
                {
                    const auto document = instance.store.notifications().find(values.front());
                    if (!document) throw Problem(404, "there is no notification of this id");
                    return jsonResponse(200, asJson(*document));
                },
                {},
                false});
}

} // namespace carillon::admin
