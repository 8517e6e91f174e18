#pragma once

#include "fcm/FaultPlan.h"
#include "fcm/RequestLog.h"
#include "http/Message.h"
#include "oauth/AccessTokens.h"
#include "state/StateDirectory.h"

#include <chrono>

namespace carillon::fakefcm
{

/// POST /token: takes a signed assertion of the service account and gives an access token, as Google's OAuth server does for the
/// jwt-bearer grant. Strict where Google is: signature, key id, issuer, audience, times, scope.
class TokenEndpoint
{
public:
    /// All references outlive the endpoint. `skew`: how far `iat` may lie in the future.
    TokenEndpoint(const ServiceAccount& account, AccessTokens& tokens, FaultPlan& faults, std::chrono::seconds skew)
        : _account(account),
          _tokens(tokens),
          _faults(faults),
          _skew(skew)
    {
    }

    /// Fills errorCode of `record`.
    Answer answer(const Request& request, RequestRecord& record);

private:
    Answer grant(const Request& request, RequestRecord& record);
    Answer refuse(RequestRecord& record, int status, std::string error, const std::string& description) const;

    const ServiceAccount& _account;
    AccessTokens& _tokens;
    FaultPlan& _faults;
    std::chrono::seconds _skew;
};

} // namespace carillon::fakefcm
