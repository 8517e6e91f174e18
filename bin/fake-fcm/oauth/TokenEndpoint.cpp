#include "oauth/TokenEndpoint.h"

#include "fcm/FaultAnswer.h"
#include "fcm/GoogleError.h"
#include "fcm/Json.h"
#include "http/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace carillon::fakefcm
{

namespace
{

constexpr std::string_view jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::int64_t maxLife = 3600;
constexpr const char* badTimes = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                                 "Check your iat and exp values in the JWT claim.";

std::string oauthError(std::string_view error, std::string_view description)
{
    Json body = {{"error", error}};
    if (!description.empty()) body["error_description"] = description;
    return body.dump(2) + "\n";
}

struct Assertion
{
    std::string signedPart;
    std::string signature;
    Json header;
    Json claims;
};

std::optional<Assertion> decode(const std::string& token)
{
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string::npos ? first : token.find('.', first + 1);
    if (second == std::string::npos || token.find('.', second + 1) != std::string::npos) return std::nullopt;
    const auto header = base64UrlDecoded(std::string_view(token).substr(0, first));
    const auto claims = base64UrlDecoded(std::string_view(token).substr(first + 1, second - first - 1));
    auto signature = base64UrlDecoded(std::string_view(token).substr(second + 1));
    if (!header || !claims || !signature) return std::nullopt;

    std::string problem;
    auto parsedHeader = parseJson(*header, problem);
    auto parsedClaims = parseJson(*claims, problem);
    if (!parsedHeader || !parsedHeader->is_object() || !parsedClaims || !parsedClaims->is_object()) return std::nullopt;
    return Assertion{token.substr(0, second), std::move(*signature), std::move(*parsedHeader), std::move(*parsedClaims)};
}

std::optional<std::int64_t> time(const Json& claims, const char* name)
{
    const Json* value = member(&claims, name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->get<std::int64_t>();
}

bool hasScope(std::string_view scopes)
{
    while (!scopes.empty())
    {
        const std::string_view scope = scopes.substr(0, scopes.find(' '));
        if (scope == "https://www.googleapis.com/auth/firebase.messaging" || scope == "https://www.googleapis.com/auth/cloud-platform")
            return true;
        scopes.remove_prefix(std::min(scopes.size(), scope.size() + 1));
    }
    return false;
}

} // namespace

Answer TokenEndpoint::answer(const Request& request, RequestRecord& record)
{
    if (request.method != "POST") return htmlError(404);
    const FaultAction* fault = _faults.nextForTokenEndpoint();
    if (fault == nullptr) return grant(request, record);

    Answer answer;
    if (!fault->errorCode.empty() && !fault->body)
    {
        answer = refuse(record, *fault->status, fault->errorCode,
                        fault->errorCode == "invalid_grant" ? "Invalid JWT Signature." : "Scripted fault.");
    }
    else if (fault->replacesAnswer())
        answer = scriptedAnswer(*fault, oauthError("internal_failure", {}));
    else if (fault->deliver)
        answer = grant(request, record);
    disturb(answer, *fault);
    return answer;
}

Answer TokenEndpoint::refuse(RequestRecord& record, int status, std::string error, const std::string& description) const
{
    Answer answer;
    answer.status = status;
    answer.body = oauthError(error, description);
    record.errorCode = std::move(error);
    return answer;
}

Answer TokenEndpoint::grant(const Request& request, RequestRecord& record)
{
    const auto fields = formFields(request.body);
    if (!fields || !request.header("content-type").starts_with("application/x-www-form-urlencoded"))
        return refuse(record, 400, "invalid_request", "The body must be application/x-www-form-urlencoded.");
    const auto field = [&](std::string_view name) -> std::string
    {
        const auto found = std::find_if(fields->begin(), fields->end(), [&](const auto& pair) { return pair.first == name; });
        return found == fields->end() ? std::string() : found->second;
    };
    if (field("grant_type") != jwtBearer)
        return refuse(record, 400, "unsupported_grant_type", "Invalid grant_type: " + field("grant_type"));

    const auto assertion = decode(field("assertion"));
    if (!assertion) return refuse(record, 400, "invalid_grant", "Bad Request");
    if (text(member(&assertion->header, "alg")) != "RS256") return refuse(record, 400, "invalid_grant", "Invalid JWT: alg must be RS256.");
    if (text(member(&assertion->claims, "iss")) != _account.clientEmail)
        return refuse(record, 400, "invalid_grant", "Invalid grant: account not found");
    // A key that was revoked has a name Google no longer knows.
    if (text(member(&assertion->header, "kid")) != _account.privateKeyId ||
        !isSignedBy(_account.key.get(), assertion->signedPart, assertion->signature))
        return refuse(record, 400, "invalid_grant", "Invalid JWT Signature.");
    if (text(member(&assertion->claims, "aud")) != _account.tokenUri)
        return refuse(record, 400, "invalid_grant", "Invalid JWT: Failed audience check. The right audience is " + _account.tokenUri);

    const auto issued = time(assertion->claims, "iat");
    const auto expires = time(assertion->claims, "exp");
    const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    if (!issued || !expires || *issued > now + _skew.count() || *expires <= now || *expires <= *issued || *expires - *issued > maxLife)
        return refuse(record, 400, "invalid_grant", badTimes);
    const std::string_view scope = text(member(&assertion->claims, "scope"));
    if (scope.empty()) return refuse(record, 400, "invalid_scope", "Empty or missing scope not allowed.");
    if (!hasScope(scope)) return refuse(record, 400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");

    Answer answer;
    answer.headers = {{"cache-control", "no-store"}};
    answer.body = Json{{"access_token", _tokens.issue()}, {"expires_in", _tokens.life().count()}, {"token_type", "Bearer"}}.dump(2) + "\n";
    return answer;
}

} // namespace carillon::fakefcm
