#include "support/fakefcm/FakeFcm.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace carillon::tests
{

namespace
{

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds startLimit{20000};
constexpr milliseconds stopLimit{20000};

/// Wakes up when something happens in a folder.
class FolderWatch
{
public:
    explicit FolderWatch(const std::filesystem::path& folder) : _fd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK))
    {
        inotify_add_watch(_fd, folder.c_str(), IN_MOVED_TO | IN_CREATE);
    }
    ~FolderWatch() { close(_fd); }
    FolderWatch(const FolderWatch&) = delete;
    FolderWatch& operator=(const FolderWatch&) = delete;

    void wait(milliseconds limit) const
    {
        pollfd events{_fd, POLLIN, 0};
        poll(&events, 1, static_cast<int>(limit.count()));
        char ignored[4096];
        while (read(_fd, ignored, sizeof ignored) > 0)
        {
        }
    }

private:
    int _fd;
};

Json toJson(const FcmAnswer& answer, bool tokens)
{
    Json json = Json::object();
    if (answer.status != 0) json["status"] = answer.status;
    if (!answer.errorCode.empty()) json["errorCode"] = answer.errorCode;
    if (answer.body) json["body"] = *answer.body;
    if (answer.html) json["html"] = true;
    if (!answer.errorInfo.empty()) json["errorInfo"] = answer.errorInfo;
    if (!answer.retryAfter.empty()) json["retryAfter"] = answer.retryAfter;
    if (!answer.apnsReason.empty()) json["apns"] = {{"statusCode", answer.apnsStatus}, {"reason", answer.apnsReason}};
    if (answer.delay.count() > 0) json["delayMs"] = answer.delay.count();
    if (answer.cutAfterBytes) json["cutAfterBytes"] = *answer.cutAfterBytes;
    if (answer.padToBytes > 0) json["padToBytes"] = answer.padToBytes;
    if (!answer.reset.empty()) json["reset"] = answer.reset;
    if (!answer.goaway.empty()) json["goaway"] = answer.goaway;
    if (answer.deliver && !tokens) json["deliver"] = *answer.deliver;
    if (answer.times == FcmAnswer::forever)
        json["times"] = "forever";
    else
        json["times"] = answer.times;
    if (answer.probability < 1.0) json["probability"] = answer.probability;
    return json;
}

Json toJson(const std::vector<FcmAnswer>& answers, bool tokens)
{
    Json list = Json::array();
    for (const FcmAnswer& answer : answers) list.push_back(toJson(answer, tokens));
    return list;
}

std::chrono::system_clock::time_point timeOf(const Json& entry)
{
    return std::chrono::system_clock::time_point(milliseconds(entry.at("time").get<std::int64_t>()));
}

FcmDelivery deliveryFrom(const Json& entry)
{
    FcmDelivery delivery;
    delivery.sequence = entry.at("seq").get<std::uint64_t>();
    delivery.time = timeOf(entry);
    delivery.kind = entry.at("kind").get<std::string>();
    delivery.address = entry.at("address").get<std::string>();
    delivery.tag = entry.at("tag").get<std::string>();
    delivery.collapseId = entry.at("collapseId").get<std::string>();
    delivery.collapseKey = entry.at("collapseKey").get<std::string>();
    delivery.data = entry.at("data").get<std::map<std::string, std::string>>();
    delivery.titleLength = entry.at("titleLength").get<std::size_t>();
    delivery.name = entry.at("name").get<std::string>();
    delivery.status = entry.at("status").get<int>();
    delivery.connection = entry.at("connection").get<std::uint64_t>();
    delivery.deviceDelay = milliseconds(entry.value("deviceDelayMs", std::int64_t{0}));
    if (entry.contains("message")) delivery.message = entry.at("message").dump();
    return delivery;
}

FcmRequest requestFrom(const Json& entry)
{
    FcmRequest request;
    request.sequence = entry.at("seq").get<std::uint64_t>();
    request.time = timeOf(entry);
    request.protocol = entry.at("protocol").get<std::string>();
    request.connection = entry.at("connection").get<std::uint64_t>();
    request.stream = entry.at("stream").get<std::int32_t>();
    request.method = entry.at("method").get<std::string>();
    request.path = entry.at("path").get<std::string>();
    request.address = entry.at("address").get<std::string>();
    request.status = entry.at("status").get<int>();
    request.errorCode = entry.at("errorCode").get<std::string>();
    request.delay = milliseconds(entry.at("delayMs").get<std::int64_t>());
    request.delivered = entry.at("delivered").get<std::uint64_t>();
    request.validateOnly = entry.at("validateOnly").get<bool>();
    return request;
}

/// All pages of /journal or /requests.
template <class Entry>
std::vector<Entry> allEntries(const FakeFcm& fake, const std::string& path, std::uint64_t since, Entry (*read)(const Json&))
{
    std::vector<Entry> entries;
    while (true)
    {
        const Json page = Json::parse(fake.admin("GET", fmt::format("{}?since={}", path, since)));
        for (const Json& entry : page.at("entries")) entries.push_back(read(entry));
        since = page.at("next").get<std::uint64_t>();
        if (since >= page.at("last").get<std::uint64_t>()) return entries;
    }
}

std::string portOf(const std::string& endpoint) { return endpoint.substr(endpoint.rfind(':') + 1); }

} // namespace

FakeFcm::FakeFcm(std::vector<std::string> arguments, bool journalBodies) : _arguments(std::move(arguments))
{
    if (journalBodies) _arguments.emplace_back("--journal-bodies");
    launch("0", "0");
}

FakeFcm::~FakeFcm()
{
    // Not stop(): a destructor must not throw, and ChildProcess kills what does not end by itself.
    _process->signal(SIGTERM);
    _process->wait(stopLimit);
}

void FakeFcm::launch(const std::string& port, const std::string& adminPort)
{
    const char* configured = std::getenv("CARILLON_FAKE_FCM");
    std::vector<std::string> command{configured != nullptr ? configured : FAKE_FCM_PROGRAM,
                                     "--state",
                                     _state.path().string(),
                                     "--port",
                                     port,
                                     "--http-admin-port",
                                     adminPort,
                                     "--die-with-parent"};
    command.insert(command.end(), _arguments.begin(), _arguments.end());

    const FolderWatch watch(_state.path());
    const auto readyFile = _state / "ready.json";
    const auto deadline = std::chrono::steady_clock::now() + startLimit;
    _process = std::make_unique<ChildProcess>(command);
    while (!std::filesystem::exists(readyFile))
    {
        if (!_process->isRunning())
            throw std::runtime_error(fmt::format("carillon-fake-fcm ended at its start with {}", *_process->wait(milliseconds(0))));
        if (std::chrono::steady_clock::now() >= deadline) throw std::runtime_error("carillon-fake-fcm wrote no ready.json in time");
        // Short, because its end is no event of the folder.
        watch.wait(milliseconds(100));
    }
    std::ifstream in(readyFile);
    const Json ready = Json::parse(in);
    _endpoint = ready.at("endpoint").get<std::string>();
    _adminEndpoint = ready.at("admin").get<std::string>();
    _project = ready.at("project").get<std::string>();
}

int FakeFcm::stop()
{
    _process->signal(SIGTERM);
    const auto status = _process->wait(stopLimit);
    if (!status) throw std::runtime_error("carillon-fake-fcm did not end after SIGTERM");
    return *status;
}

void FakeFcm::start() { launch(portOf(_endpoint), portOf(_adminEndpoint)); }

void FakeFcm::registerAddress(const std::string& text, const std::string& state)
{
    registerAddresses({FcmAddress{.text = text, .state = state}});
}

void FakeFcm::registerAddresses(const std::vector<FcmAddress>& addresses)
{
    Json list = Json::array();
    for (const FcmAddress& address : addresses)
    {
        Json entry = {{"address", address.text}, {"state", address.state}, {"kind", address.kind}};
        if (address.state == "slow") entry["slowMs"] = address.slow.count();
        if (address.state == "throttled") entry["perMinute"] = address.perMinute;
        list.push_back(std::move(entry));
    }
    admin("POST", "/addresses", list.dump());
}

void FakeFcm::addScript(const std::string& match, const std::vector<FcmAnswer>& answers)
{
    admin("POST", "/faults", Json{{"match", Json::parse(match)}, {"answers", toJson(answers, false)}}.dump());
}

void FakeFcm::script(const std::string& address, const std::vector<FcmAnswer>& answers)
{
    addScript(Json{{"address", address}}.dump(), answers);
}

void FakeFcm::scriptWhereData(const std::string& key, const std::string& value, const std::vector<FcmAnswer>& answers)
{
    addScript(Json{{"data", {{key, value}}}}.dump(), answers);
}

void FakeFcm::scriptWhereTitle(const std::string& title, const std::vector<FcmAnswer>& answers)
{
    addScript(Json{{"notification", {{"title", title}}}}.dump(), answers);
}

void FakeFcm::scriptAll(const std::vector<FcmAnswer>& answers) { addScript("{}", answers); }

void FakeFcm::scriptTokens(const std::vector<FcmAnswer>& answers)
{
    admin("POST", "/faults", Json{{"target", "token"}, {"answers", toJson(answers, true)}}.dump());
}

void FakeFcm::clearFaults() { admin("DELETE", "/faults"); }

std::vector<FcmDelivery> FakeFcm::journal(std::uint64_t since) const
{
    return allEntries<FcmDelivery>(*this, "/journal", since, deliveryFrom);
}

std::vector<FcmRequest> FakeFcm::requests(std::uint64_t since) const
{
    return allEntries<FcmRequest>(*this, "/requests", since, requestFrom);
}

std::vector<FcmRequest> FakeFcm::requestsTo(const std::string& address) const
{
    std::vector<FcmRequest> all = requests();
    std::erase_if(all, [&](const FcmRequest& request) { return request.address != address; });
    return all;
}

std::vector<FcmDelivery> FakeFcm::waitForDeliveries(std::size_t count, milliseconds limit) const
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true)
    {
        auto delivered = journal();
        if (delivered.size() >= count) return delivered;
        if (std::chrono::steady_clock::now() >= deadline)
            throw std::runtime_error(
                fmt::format("the fake FCM's journal has {} of {} messages after {} ms", delivered.size(), count, limit.count()));
        poll(nullptr, 0, 10);
    }
}

void FakeFcm::advanceClock(milliseconds by)
{
    admin("POST", "/clock/advance", Json{{"seconds", static_cast<double>(by.count()) / 1000}}.dump());
}
void FakeFcm::setTokenLife(std::chrono::seconds life) { admin("PUT", "/tokens", Json{{"lifeSeconds", life.count()}}.dump()); }
void FakeFcm::revokeTokens() { admin("POST", "/tokens/revoke"); }
void FakeFcm::reset() { admin("POST", "/reset"); }

std::string FakeFcm::admin(const std::string& method, const std::string& path, const std::string& body) const
{
    const Poco::URI uri(_adminEndpoint);
    Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    request.setContentType("application/json");
    request.setContentLength(static_cast<std::streamsize>(body.size()));
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    std::string answer;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), answer);
    if (response.getStatus() / 100 != 2)
        throw std::runtime_error(fmt::format("{} {} answered {}: {}", method, path, static_cast<int>(response.getStatus()), answer));
    return answer;
}

} // namespace carillon::tests
