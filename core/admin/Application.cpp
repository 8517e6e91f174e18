#include "admin/Application.h"

#include "carillon/Errors.h"
#include "chain/TraceContext.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace carillon::admin
{
namespace
{

void checkParameters(const Request& request, const Endpoint& endpoint)
{
    for (const auto& [name, value] : request.query)
    {
        const auto& known = endpoint.parameters;
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        const std::string remedy = known.empty() ? "there are none here" : fmt::format("there are {}", fmt::join(known, ", "));
        throw Problem(400, "a query parameter is unknown; " + remedy, {}, {{"", name, "is unknown"}});
    }
}

void checkContentType(const Request& request)
{
    const std::string* type = request.header("content-type");
    std::string essence = type == nullptr ? "" : type->substr(0, type->find(';'));
    while (!essence.empty() && essence.back() == ' ') essence.pop_back();
    std::transform(essence.begin(), essence.end(), essence.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // A form of another page can send text/plain without asking; JSON it cannot.
    if (essence != "application/json") throw Problem(415, "a body must be JSON: send Content-Type: application/json");
}

} // namespace

Application::Admitted Application::admit(const Request& request) const
{
    const Resource* resource = _routes.find(request.segments);
    _guard.check(request, resource);
    if (resource == nullptr) throw Problem(404, "there is nothing at this path");
    if (request.method == "OPTIONS") return {nullptr, {}, Response{204, "", "", {{"Allow", resource->allow()}}}};
    const auto endpoint = resource->methods.find(request.method == "HEAD" ? "GET" : request.method);
    if (endpoint == resource->methods.end())
        throw Problem(405, fmt::format("this path answers {} only", resource->allow()), {{"Allow", resource->allow()}});
    checkParameters(request, endpoint->second);
    if (endpoint->second.takesBody) checkContentType(request);
    return {&endpoint->second, _routes.valuesOf(*resource, request.segments), {}};
}

Response Application::answer(const Request& request, const Admitted& admitted)
{
    return admitted.answer ? *admitted.answer : admitted.endpoint->handle(request, admitted.values);
}

Response Application::problemOf(const std::exception_ptr& error, const Request& request) const
{
    const std::string traceId(chain::traceIdOf(request.traceParent));
    const auto told = [&](const Problem& problem) { return problemResponse(problem, request.target, traceId); };
    const auto logged = [&](const char* what, const std::string& reason) {
        _logger.error(what, {{"reason", reason}, {"method", request.method}, {"path", patternOf(request)}, {"trace", traceId}});
    };
    try
    {
        std::rethrow_exception(error);
    }
    catch (const Problem& problem)
    {
        return told(problem);
    }
    catch (const StorageFull& full)
    {
        logged("refused: no space is left", full.what());
        return told(Problem(503, "there is no space left for more messages; nothing was taken, try again later", {{"Retry-After", "30"}}));
    }
    catch (const StoreError& failure)
    {
        logged("the store failed", failure.what());
        return told(Problem(503, "the store cannot do it now; nothing was changed, try again", {{"Retry-After", "2"}}));
    }
    catch (const TransportError& failure)
    {
        logged("the transport failed", failure.what());
        return told(Problem(503, "the transport cannot do it now; try again with the same dedupe_key", {{"Retry-After", "2"}}));
    }
    catch (const InvalidInput& invalid)
    {
        return told(Problem(422, invalid.what(), {}, {{invalid.pointer(), "", invalid.what()}}));
    }
    catch (const std::exception& failure)
    {
        logged("a request failed", failure.what());
    }
    catch (...)
    {
        logged("a request failed", "unknown exception");
    }
    return told(Problem(500, "this is our fault; the log has more under the trace id"));
}

std::string Application::patternOf(const Request& request) const
{
    const Resource* resource = _routes.find(request.segments);
    return resource == nullptr ? "(nothing there)" : fmt::format("/{}", fmt::join(resource->pattern, "/"));
}

void Application::logAccess(const Request& request, int status, std::chrono::microseconds duration) const
{
    if (!_logger.isEnabled(LogLevel::Debug)) return;
    _logger.debug("answered", {{"method", request.method},
                               {"path", patternOf(request)},
                               {"status", status},
                               {"us", duration.count()},
                               {"endpoint", request.peer},
                               {"trace", chain::traceIdOf(request.traceParent)}});
}

} // namespace carillon::admin
