#include "FakeFcm.h"

#include "fcm/GoogleError.h"
#include "schema/EmbeddedSchema.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <string_view>

namespace carillon::fakefcm
{

namespace
{

/// The project in "/v1/projects/{project}/messages:send"; empty when the path is another one.
std::string_view projectOf(std::string_view path)
{
    constexpr std::string_view before = "/v1/projects/";
    constexpr std::string_view after = "/messages:send";
    if (!path.starts_with(before) || !path.ends_with(after) || path.size() <= before.size() + after.size()) return {};
    const std::string_view project = path.substr(before.size(), path.size() - before.size() - after.size());
    return project.find('/') == std::string_view::npos ? project : std::string_view{};
}

} // namespace

FakeFcm::FakeFcm(const Options& options, const ServiceAccount& account)
    : _seed(options.seed),
      _schema(embeddedSchema()),
      _clock(options.virtualClock),
      _tokens(_clock, options.tokenLife),
      _faults(options.seed),
      _addresses(options.acceptAny),
      _quotas(options.quotas, _clock),
      _journal(options.journal, options.journalBodies, options.keep),
      _requests(options.keep),
      _tokenEndpoint(account, _tokens, _faults, options.clockSkew),
      _sendEndpoint(options.project, options.seed, {_schema, _tokens, _clock, _faults, _addresses, _quotas, _journal})
{
}

Answer FakeFcm::answer(const Request& request)
{
    RequestRecord record;
    record.time = std::chrono::system_clock::now();
    record.protocol = request.protocol;
    record.connection = request.connection;
    record.stream = request.stream;
    record.method = request.method;
    record.path = request.path;

    Answer answer;
    try
    {
        answer = route(request, record);
    }
    catch (const std::exception& failure)
    {
        std::cerr << fmt::format("carillon-fake-fcm: request answered with 500: {}\n", failure.what());
        answer = googleError(500, "INTERNAL", "Internal error encountered.", Json::array());
    }
    const bool whole =
        !answer.cutAfterBytes && (answer.interruption == Interruption::None || answer.interruption == Interruption::GoAwayAfter);
    record.status = whole ? answer.status : 0;
    record.delay = answer.delay;
    _requests.append(std::move(record));
    return answer;
}

Answer FakeFcm::route(const Request& request, RequestRecord& record)
{
    if (request.path == "/token") return _tokenEndpoint.answer(request, record);
    const std::string_view project = projectOf(request.path);
    if (!project.empty() && request.method == "POST") return _sendEndpoint.answer(request, project, record);
    return htmlError(404);
}

void FakeFcm::reset()
{
    _journal.clear();
    _requests.clear();
    _addresses.clear();
    _faults.clear();
    _faults.reseed(_seed);
    _quotas.clear();
}

} // namespace carillon::fakefcm
