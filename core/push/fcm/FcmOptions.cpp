#include "push/fcm/FcmOptions.h"

#include "carillon/Errors.h"

#include <fmt/format.h>

namespace carillon::push::fcm
{
namespace
{

void require(bool isRight, std::string_view setting, std::string_view remedy)
{
    if (!isRight) throw ConfigurationError(fmt::format("push.fcm.{}: {}", setting, remedy));
}

} // namespace

void FcmOptions::check() const
{
    using namespace std::chrono_literals;
    require(endpoint.starts_with("https://") && endpoint.size() > 8, "endpoint",
            "must be https://host[:port]: an access token travels with every push");
    require(endpoint.find_first_of(" \r\n\t?#", 0) == std::string::npos, "endpoint", "must be https://host[:port], without a query");
    require(tokenUri.empty() || tokenUri.starts_with("https://"), "token_uri",
            "must begin with https://, or be empty for the service account's");
    require(timeout > 0ms, "timeout", "must be longer than 0");
    require(connectTimeout > 0ms, "connect_timeout", "must be longer than 0");
    require(connections >= 1, "connections", "must be at least 1");
    require(maxStreams >= 1, "max_streams", "must be at least 1");
    require(minRetryDelay >= 0ms, "min_retry_delay", "must not be negative");
    require(maxRetryAfter > 0ms, "max_retry_after", "must be longer than 0");
    require(ttl >= 0ms && ttl <= 24h * 28, "ttl", "must be between 0 and 28 days, FCM's longest");
    require(breaker.failures >= 0, "breaker.failures", "must not be negative; 0 turns the breaker off");
    require(breaker.failures == 0 || (breaker.window > 0ms && breaker.openFor > 0ms), "breaker",
            "window and open_for must be longer than 0");
}

} // namespace carillon::push::fcm
