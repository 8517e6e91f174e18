#pragma once

#include "push/fcm/FcmClient.h"
#include "push/fcm/FcmMessage.h"
#include "push/fcm/HttpMultiplexer.h"
#include "push/fcm/ProviderWatch.h"
#include "push/fcm/TokenEndpoint.h"
#include "push/fcm/TokenSource.h"

#include <optional>

namespace carillon::push::fcm
{

/// What all calls of one client share.
struct FcmClient::Parts
{
    Parts(const FcmOptions& options, std::optional<ServiceAccount> account, const Clock& clock, const Logger& logger,
          FcmObserver* observer);
    ~Parts();

    /// How many posts of one call are under way at most; the rest waits here, where breaker, quota and token are looked at again.
    std::size_t window() const;

    const FcmOptions options;
    const Clock& clock;
    const Logger logger;
    FcmObserver* const observer;
    const FcmMessage message;
    /// Empty without credentials.
    const std::string sendUrl;
    ProviderWatch watch;
    HttpMultiplexer http;
    std::optional<TokenEndpoint> endpoint;
    std::optional<TokenSource> tokens;
};

} // namespace carillon::push::fcm
