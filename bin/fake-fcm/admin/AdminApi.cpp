#include "admin/AdminApi.h"

#include "admin/FaultJson.h"
#include "fcm/Json.h"
#include "http/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace carillon::fakefcm
{

namespace
{

constexpr std::uint64_t defaultPage = 10000;

Answer json(const Json& body, int status = 200)
{
    Answer answer;
    answer.status = status;
    answer.contentType = "application/json";
    answer.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    return answer;
}

Answer problem(int status, std::string_view text) { return json({{"error", text}}, status); }

/// Where a page of a list begins and ends, and whose entries are wanted.
struct Page
{
    std::uint64_t since = 0; ///< sequence number of the last entry already seen
    std::uint64_t limit = defaultPage;
    std::string address;
};

Page pageFrom(const Request& request)
{
    Page page;
    const auto fields = formFields(request.query);
    if (!fields) throw BadRequest("the query has a broken percent escape");
    for (const auto& [name, value] : *fields)
    {
        if (name == "address")
        {
            page.address = value;
            continue;
        }
        if (name != "since" && name != "limit")
            throw BadRequest(fmt::format("unknown query parameter '{}'; known are since, limit, address", name));
        std::uint64_t& number = name == "since" ? page.since : page.limit;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc{} || end != value.data() + value.size()) throw BadRequest(fmt::format("{}: must be a whole number", name));
    }
    return page;
}

/// {"entries":[…],"next":n,"first":n,"last":n}. `next` is what to give as `since` for the next page.
template <class Entries, class Text>
Answer listed(const Entries& entries, std::uint64_t last, const Page& page, const Text& textOf)
{
    const std::uint64_t first = last - entries.size() + 1;
    const std::uint64_t skipped = page.since < first ? 0 : std::min<std::uint64_t>(page.since - first + 1, entries.size());
    std::string list;
    std::uint64_t next = std::max(page.since, first - 1);
    std::uint64_t taken = 0;
    for (auto entry = entries.begin() + static_cast<std::ptrdiff_t>(skipped); entry != entries.end() && taken < page.limit; ++entry)
    {
        next = entry->sequence;
        if (!page.address.empty() && entry->address != page.address) continue;
        if (taken++ > 0) list += ",\n";
        list += textOf(*entry);
    }
    Answer answer;
    answer.contentType = "application/json";
    answer.body = fmt::format("{{\"next\":{},\"first\":{},\"last\":{},\"entries\":[{}]}}\n", next, first, last, list);
    return answer;
}

Json bodyOf(const Request& request)
{
    std::string reason;
    auto body = parseJson(request.body.empty() ? std::string_view("{}") : std::string_view(request.body), reason);
    if (!body) throw BadRequest("the body is not JSON: " + reason.substr(0, reason.find('\n')));
    return std::move(*body);
}

std::pair<std::string, Address> addressFrom(const Json& json, const std::string& place)
{
    ObjectReader reader(json, place);
    const std::string text = reader.string("address").value_or(std::string());
    if (text.empty()) reader.fail("address", "a string that is not empty");

    Address address;
    const std::string kind = reader.string("kind").value_or("token");
    if (kind != "token" && kind != "fid") reader.fail("kind", "\"token\" or \"fid\"");
    address.kind = kind == "fid" ? TargetKind::Fid : TargetKind::Token;

    constexpr std::array<std::pair<std::string_view, AddressState>, 7> states{{{"valid", AddressState::Valid},
                                                                               {"unregistered", AddressState::Unregistered},
                                                                               {"mismatched", AddressState::Mismatched},
                                                                               {"apns-dead", AddressState::ApnsDead},
                                                                               {"invalid", AddressState::Invalid},
                                                                               {"slow", AddressState::Slow},
                                                                               {"throttled", AddressState::Throttled}}};
    const std::string state = reader.string("state").value_or("valid");
    const auto known = std::find_if(states.begin(), states.end(), [&](const auto& candidate) { return candidate.first == state; });
    if (known == states.end()) reader.fail("state", "valid, unregistered, mismatched, apns-dead, invalid, slow or throttled");
    address.state = known->second;

    const auto slow = reader.count("slowMs");
    const auto perMinute = reader.count("perMinute");
    if (slow.has_value() != (address.state == AddressState::Slow)) reader.fail("slowMs", "given with the state slow, and only with it");
    if (perMinute.has_value() != (address.state == AddressState::Throttled))
        reader.fail("perMinute", "given with the state throttled, and only with it");
    address.slow = std::chrono::milliseconds(slow.value_or(0));
    address.perMinute = perMinute.value_or(0);
    reader.refuseOthers();
    return {text, address};
}

} // namespace

Answer AdminApi::answer(const Request& request)
try
{
    return route(request);
}
catch (const BadRequest& bad)
{
    return problem(400, bad.what());
}
catch (const std::exception& failure)
{
    return problem(500, failure.what());
}

Answer AdminApi::route(const Request& request)
{
    struct Route
    {
        std::string_view method;
        std::string_view path;
        Answer (*answer)(AdminApi&, const Request&);
    };
    static constexpr std::array<Route, 13> routes{{
        {"GET", "/health",
         [](AdminApi&, const Request&) {
             return json({{"status", "ok"}});
         }},
        {"GET", "/journal", [](AdminApi& api, const Request& r) { return api.journal(r); }},
        {"GET", "/requests", [](AdminApi& api, const Request& r) { return api.requests(r); }},
        {"GET", "/stats", [](AdminApi& api, const Request&) { return api.stats(); }},
        {"POST", "/addresses", [](AdminApi& api, const Request& r) { return api.registerAddresses(r); }},
        {"GET", "/faults", [](AdminApi& api, const Request&) { return json(faultPlanToJson(api._fake.faults())); }},
        {"PUT", "/faults", [](AdminApi& api, const Request& r) { return api.setFaults(r); }},
        {"POST", "/faults", [](AdminApi& api, const Request& r) { return api.setFaults(r); }},
        {"DELETE", "/faults",
         [](AdminApi& api, const Request&)
         {
             api._fake.faults().clear();
             return json({{"faults", 0}});
         }},
        {"POST", "/reset",
         [](AdminApi& api, const Request&)
         {
             api._fake.reset();
             return json({{"status", "ok"}});
         }},
        {"POST", "/clock/advance", [](AdminApi& api, const Request& r) { return api.advanceClock(r); }},
        {"PUT", "/tokens", [](AdminApi& api, const Request& r) { return api.setTokens(r); }},
        {"POST", "/tokens/revoke",
         [](AdminApi& api, const Request&)
         {
             api._fake.tokens().revokeAll();
             return json({{"status", "ok"}});
         }},
    }};
    std::string allowed;
    for (const Route& candidate : routes)
    {
        if (candidate.path != request.path) continue;
        if (candidate.method == request.method) return candidate.answer(*this, request);
        allowed += (allowed.empty() ? "" : ", ") + std::string(candidate.method);
    }
    if (allowed.empty()) return problem(404, fmt::format("no such path: {}; docs/fake-fcm.md lists all", request.path));
    Answer answer = problem(405, fmt::format("{} takes {}", request.path, allowed));
    answer.headers.emplace_back("allow", allowed);
    return answer;
}

Answer AdminApi::journal(const Request& request) const
{
    const Journal& journal = _fake.journal();
    return listed(journal.entries(), journal.lastSequence(), pageFrom(request),
                  [](const Journal::Entry& entry) -> const std::string& { return entry.line; });
}

Answer AdminApi::requests(const Request& request) const
{
    const RequestLog& log = _fake.requests();
    return listed(log.records(), log.lastSequence(), pageFrom(request), [](const RequestRecord& record) { return record.toJson(); });
}

Answer AdminApi::stats() const
{
    Json byStatus = Json::object();
    const auto& counts = _fake.requests().byStatus();
    for (std::size_t status = 0; status < counts.size(); ++status)
    {
        if (counts[status] > 0) byStatus[status == 0 ? std::string("unanswered") : std::to_string(status)] = counts[status];
    }
    return json({{"delivered", _fake.journal().lastSequence()},
                 {"requests", _fake.requests().lastSequence()},
                 {"byStatus", byStatus},
                 {"tokensIssued", _fake.tokens().issued()},
                 {"addresses", _fake.addresses().size()},
                 {"faults", _fake.faults().scripts().size()},
                 {"openConnections", _listener == nullptr ? 0 : _listener->openConnections()},
                 {"acceptedConnections", _listener == nullptr ? 0 : _listener->acceptedConnections()}});
}

Answer AdminApi::registerAddresses(const Request& request)
{
    const Json body = bodyOf(request);
    // All are read before one is set: a mistake in the last leaves nothing half done.
    std::vector<std::pair<std::string, Address>> addresses;
    if (body.is_array())
    {
        for (std::size_t i = 0; i < body.size(); ++i) addresses.push_back(addressFrom(body[i], fmt::format("[{}]", i)));
    }
    else
    {
        addresses.push_back(addressFrom(body, {}));
    }
    for (const auto& [text, address] : addresses) _fake.addresses().set(text, address);
    return json({{"registered", addresses.size()}, {"addresses", _fake.addresses().size()}});
}

Answer AdminApi::setFaults(const Request& request)
{
    std::vector<FaultScript> scripts = faultScriptsFromJson(bodyOf(request));
    if (request.method == "PUT") _fake.faults().clear();
    for (FaultScript& script : scripts) _fake.faults().add(std::move(script));
    return json({{"faults", _fake.faults().scripts().size()}});
}

Answer AdminApi::advanceClock(const Request& request)
{
    constexpr double year = 366.0 * 24 * 60 * 60;
    const Json body = bodyOf(request);
    ObjectReader reader(body, {});
    const auto seconds = reader.number("seconds", 0, year);
    reader.refuseOthers();
    if (!seconds) reader.fail("seconds", "given");
    _fake.clock().advance(std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000)));
    return json({{"status", "ok"}});
}

Answer AdminApi::setTokens(const Request& request)
{
    const Json body = bodyOf(request);
    ObjectReader reader(body, {});
    const auto life = reader.count("lifeSeconds", 86400);
    reader.refuseOthers();
    if (life.value_or(0) == 0) reader.fail("lifeSeconds", "a whole number from 1 to 86400");
    _fake.tokens().setLife(std::chrono::seconds(*life));
    return json({{"status", "ok"}});
}

} // namespace carillon::fakefcm
