#include "stores/sqlite/HistoryText.h"

#include "carillon/Errors.h"

#include <nlohmann/json.hpp>

namespace carillon::stores::sqlite
{
namespace
{

using nlohmann::json;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

/// Calls `read` with the parsed text. The error says nothing of the content, which may be a patient's.
template <typename Read>
auto parsed(std::string_view text, const char* what, Read&& read)
{
    try
    {
        return read(json::parse(text));
    }
    catch (const json::exception&)
    {
        throw StoreError(std::string("a stored message has ") + what +
                         " that cannot be read; check the file with `PRAGMA integrity_check`");
    }
}

} // namespace

std::string textOf(const port::FailureHistory& history)
{
    json failures = json::array();
    for (const auto& failure : history.failures)
        failures.push_back({{"at", failure.at.time_since_epoch().count()},
                            {"attempt", failure.attempt},
                            {"class", failure.errorClass},
                            {"reason", failure.reason}});
    return dump({{"omitted", history.omitted}, {"failures", std::move(failures)}});
}

port::FailureHistory historyFrom(std::string_view text)
{
    port::FailureHistory history;
    if (text.empty()) return history;
    return parsed(text, "a failure history",
                  [&](const json& value)
                  {
                      history.omitted = value.at("omitted").get<std::uint64_t>();
                      for (const auto& failure : value.at("failures"))
                          history.failures.push_back({TimePoint{std::chrono::milliseconds{failure.at("at").get<std::int64_t>()}},
                                                      failure.at("attempt").get<int>(), failure.at("class").get<std::string>(),
                                                      failure.at("reason").get<std::string>()});
                      return history;
                  });
}

std::string textOf(const Headers& headers)
{
    json object = json::object();
    for (const auto& [name, value] : headers) object[name] = value;
    return dump(object);
}

Headers headersFrom(std::string_view text)
{
    Headers headers;
    if (text.empty()) return headers;
    return parsed(text, "headers",
                  [&](const json& value)
                  {
                      for (const auto& [name, header] : value.items()) headers.emplace(name, header.get<std::string>());
                      return headers;
                  });
}

} // namespace carillon::stores::sqlite
