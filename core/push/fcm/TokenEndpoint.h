#pragma once

#include "push/fcm/HttpMultiplexer.h"
#include "push/fcm/ServiceAccount.h"
#include "push/fcm/TokenSource.h"

namespace carillon::push::fcm
{

/// Understands what a token endpoint answered (RFC 6749, and Google's own error names). Pure; never throws; the failure holds no text of
/// the answer.
TokenAnswer understandTokenAnswer(const HttpAnswer& answer);

/// Google's OAuth2 token endpoint, for one service account.
class TokenEndpoint
{
public:
    /// `http` outlives it. `tokenUri` empty: the account's.
    TokenEndpoint(ServiceAccount account, const std::string& tokenUri, std::chrono::milliseconds timeout, HttpMultiplexer& http,
                  const Clock& clock);

    /// Asks once, for `timeout` at most. Never throws. Of one thread at a time.
    TokenAnswer fetch();

private:
    const ServiceAccount _account;
    const std::chrono::milliseconds _timeout;
    HttpMultiplexer& _http;
    const Clock& _clock;
    std::shared_ptr<const HttpTarget> _target;
};

} // namespace carillon::push::fcm
