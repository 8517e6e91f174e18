#include "push/fcm/FcmClient.h"

#include "push/fcm/FcmParts.h"
#include "push/fcm/PushCall.h"

#include "carillon/Errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace carillon::push::fcm
{
namespace
{

constexpr const char* userAgent = "Carillon/0.1";

HttpOptions httpOptions(const FcmOptions& options)
{
    HttpOptions http;
    http.timeout = options.timeout;
    http.connectTimeout = options.connectTimeout;
    http.connections = options.connections;
    http.maxStreams = options.maxStreams;
    http.caFile = options.caFile;
    http.userAgent = userAgent;
    return http;
}

FcmMessageOptions messageOptions(const FcmOptions& options)
{
    return {std::chrono::floor<std::chrono::seconds>(options.ttl), options.validateOnly};
}

TokenSourceOptions tokenOptions(const FcmOptions& options)
{
    TokenSourceOptions tokens;
    tokens.retryDelay = options.tokenRetryDelay;
    tokens.holdOff = options.tokenHoldOff;
    return tokens;
}

std::optional<ServiceAccount> loadAccount(const FcmOptions& options)
{
    if (options.serviceAccountFile.empty()) return std::nullopt;
    return ServiceAccount::load(options.serviceAccountFile);
}

std::string makeSendUrl(const FcmOptions& options, const std::optional<ServiceAccount>& account)
{
    if (!account) return {};
    const std::string& project = options.projectId.empty() ? account->projectId : options.projectId;
    // It becomes a part of the path. Google: letters, digits, hyphens; old ones have a domain (`example.com:project`).
    const bool isPlain = std::all_of(project.begin(), project.end(),
                                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.' || c == ':'; });
    if (!isPlain)
        throw ConfigurationError(
            fmt::format("push.fcm.project_id: '{}' is no project id; copy it from the Firebase console's project settings", project));
    std::string endpoint = options.endpoint;
    while (endpoint.ends_with('/')) endpoint.pop_back();
    return fmt::format("{}/v1/projects/{}/messages:send", endpoint, project);
}

const FcmOptions& checked(const FcmOptions& options)
{
    options.check();
    return options;
}

} // namespace

FcmClient::Parts::Parts(const FcmOptions& given, std::optional<ServiceAccount> account, const Clock& time, const Logger& log,
                        FcmObserver* sees)
    : options(checked(given)),
      clock(time),
      logger(log),
      observer(sees),
      message(messageOptions(given)),
      sendUrl(makeSendUrl(given, account)),
      watch(given, time, log, sees),
      http(httpOptions(given))
{
    if (!account) return;
    endpoint.emplace(std::move(*account), options.tokenUri, options.timeout, http, clock);
    tokens.emplace([this] { return endpoint->fetch(); }, tokenOptions(options), clock, logger, observer);
}

FcmClient::Parts::~Parts()
{
    // First the network, so that a token request under way ends at once.
    http.stop();
    if (tokens) tokens->stop();
}

std::size_t FcmClient::Parts::window() const
{
    return 2 * static_cast<std::size_t>(options.connections) * static_cast<std::size_t>(options.maxStreams);
}

FcmClient::FcmClient(const FcmOptions& options, const Clock& clock, Logger logger, FcmObserver* observer)
    : _parts(std::make_unique<Parts>(options, loadAccount(options), clock, logger, observer))
{
    if (!_parts->tokens) logger.warning("push.fcm.service_account_file is not set: pushes are refused, dry runs are checked here only");
}

FcmClient::~FcmClient() = default;

void FcmClient::push(std::span<const PushRequest> requests, SteadyPoint deadline, const Sink& sink)
try
{
    PushCall(*_parts, requests, deadline, sink).run();
}
catch (const std::exception&)
{
    // There was no memory even to begin.
    for (std::size_t index = 0; index < requests.size(); ++index)
        sink(index, PushResult{PushOutcome::Transient, {}, "out_of_memory", 0, {}, {}});
}

void FcmClient::cancel() { _parts->http.stop(); }

bool FcmClient::isBreakerOpen() const { return _parts->watch.isBreakerOpen(); }

} // namespace carillon::push::fcm
