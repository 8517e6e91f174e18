#include "admin/FailedApi.h"

#include "admin/Parameters.h"
#include "carillon/Errors.h"
#include "port/DeadLetters.h"
#include "publish/DeadLetterRepair.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::admin
{
namespace
{

using nlohmann::json;

constexpr std::size_t longestName = 128;
constexpr std::size_t longestCursor = 1024;
constexpr int usualPage = 50;

json summaryOf(const port::DeadLetter& letter)
{
    return {{"id", letter.envelope.id},
            {"type", letter.envelope.type},
            {"transport", letter.transport},
            {"service", letter.envelope.service},
            {"failed_at", toRfc3339(letter.failedAt)},
            {"attempts", letter.envelope.attempt},
            {"replays", letter.replays},
            {"error_class", letter.lastFailure.errorClass},
            {"error", letter.lastFailure.reason}};
}

json detailsOf(const port::DeadLetter& letter, bool isRevealed)
{
    json details = summaryOf(letter);
    details["published_at"] = toRfc3339(letter.envelope.publishedAt);
    details["trace_parent"] = letter.envelope.traceParent;
    details["history"] = json::array();
    for (const port::Failure& failure : letter.history.failures)
        details["history"].push_back(
            {{"at", toRfc3339(failure.at)}, {"attempt", failure.attempt}, {"error_class", failure.errorClass}, {"error", failure.reason}});
    details["history_omitted"] = letter.history.omitted;
    details["body"] = isRevealed ? json(letter.raw.empty() ? letter.envelope.body : letter.raw) : json("***");
    details["body_masked"] = !isRevealed;
    return details;
}

/// A dead letter may hold bytes that are no text; they are shown as U+FFFD.
std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

[[noreturn]] void notFound() { throw Problem(404, "there is no failed message of this id"); }

void record(const Instance& instance, const Request& request, const char* act, const std::string& id)
{
    instance.audit.record("http api from " + request.peer, act, id);
}

Response list(const Instance& instance, int maxPage, const Request& request)
{
    port::DeadLetterFilter filter;
    filter.type = textParameter(request, "type", longestName).value_or("");
    filter.transport = textParameter(request, "transport", longestName).value_or("");
    const long limit = numberParameter(request, "limit", 1, maxPage).value_or(std::min(usualPage, maxPage));
    const std::string cursor = textParameter(request, "cursor", longestCursor).value_or("");
    port::DeadLetters::Page page;
    try
    {
        page = instance.store.deadLetters().list(filter, static_cast<std::size_t>(limit), cursor);
    }
    catch (const InvalidInput&)
    {
        throw Problem(400, "the query parameter 'cursor' is none of ours", {}, {{"", "cursor", "take next_cursor of the page before"}});
    }
    json items = json::array();
    for (const port::DeadLetter& letter : page.letters) items.push_back(summaryOf(letter));
    const json next = page.nextCursor.empty() ? json() : json(page.nextCursor);
    Response response =
        jsonResponse(200, dumped({{"items", items}, {"total", instance.store.deadLetters().count(filter)}, {"next_cursor", next}}));
    if (page.nextCursor.empty()) return response;
    std::string link = fmt::format("</api/v1/failed?limit={}&cursor={}", limit, percentEncoded(page.nextCursor));
    if (!filter.type.empty()) link += "&type=" + percentEncoded(filter.type);
    if (!filter.transport.empty()) link += "&transport=" + percentEncoded(filter.transport);
    response.headers.emplace_back("Link", link + ">; rel=\"next\"");
    return response;
}

Response show(const Instance& instance, const Request& request, const std::string& id)
{
    const bool isRevealed = flagParameter(request, "reveal");
    const auto letter = instance.store.deadLetters().find(id);
    if (!letter) notFound();
    if (isRevealed) record(instance, request, "revealed a dead letter's body", id);
    return jsonResponse(200, dumped(detailsOf(*letter, isRevealed)));
}

Response retry(const Instance& instance, const Request& request, const std::string& id)
{
    const auto letter = instance.store.deadLetters().find(id);
    if (!letter) notFound();
    const auto transport = instance.transports.find(letter->transport);
    if (transport == instance.transports.end())
        throw Problem(
            409, fmt::format("its transport '{}' is not configured any more; configure it again or remove the message", letter->transport));
    record(instance, request, "retried a dead letter", id);
    const auto transportNamed = [&transport](const std::string&) -> port::Transport& { return *transport->second; };
    // Somebody else may have retried or removed it meanwhile.
    if (!publish::retryDeadLetter(instance.store, transportNamed, id)) notFound();
    return jsonResponse(202, dumped({{"id", id}, {"status", "ready"}}));
}

Response remove(const Instance& instance, const Request& request, const std::string& id)
{
    if (!instance.store.deadLetters().find(id)) notFound();
    record(instance, request, "removed a dead letter", id);
    if (instance.store.deadLetters().remove({&id, 1}) == 0) notFound();
    return {204, "", "", {}};
}

} // namespace

void addFailed(Routes& routes, const Instance& instance, int maxPage)
{
    routes.add("GET", "/api/v1/failed", Access::Token,
               {[&instance, maxPage](const Request& request, const PathValues&) { return list(instance, maxPage, request); },
                {"type", "transport", "limit", "cursor"},
                false});
    routes.add("GET", "/api/v1/failed/{id}", Access::Token,
               {[&instance](const Request& request, const PathValues& values) { return show(instance, request, values.front()); },
                {"reveal"},
                false});
    routes.add(
        "DELETE", "/api/v1/failed/{id}", Access::Token,
        {[&instance](const Request& request, const PathValues& values) { return remove(instance, request, values.front()); }, {}, false});
    routes.add(
        "POST", "/api/v1/failed/{id}/retry", Access::Token,
        {[&instance](const Request& request, const PathValues& values) { return retry(instance, request, values.front()); }, {}, false});
}

} // namespace carillon::admin
