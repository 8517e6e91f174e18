#include "push/fcm/TokenEndpoint.h"

#include "push/fcm/JwtAssertion.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace carillon::push::fcm
{
namespace
{

TokenAnswer failure(std::string code, std::string detail, bool isRetryable)
{
    TokenAnswer answer;
    answer.code = std::move(code);
    answer.detail = std::move(detail);
    answer.isRetryable = isRetryable;
    return answer;
}

struct KnownError
{
    std::string_view name;
    bool isRetryable;
    std::string_view remedy;
};

constexpr KnownError knownErrors[] = {
    {"invalid_grant", false,
     "the key is revoked, the account is gone, or this machine's clock is wrong; check the clock, then download a new key"},
    {"invalid_client", false, "the account is unknown; download a new key"},
    {"invalid_scope", false, "the account may not use Firebase messaging; give it the role Firebase Cloud Messaging API Admin"},
    {"unauthorized_client", false, "the account may not ask for tokens; check its roles"},
    {"disabled_client", false, "the account is disabled; enable it in the Google Cloud console"},
    {"org_internal", false, "the organisation's policy refuses the account; ask its administrator"},
    {"invalid_request", false, "the token endpoint does not understand the request; check push.fcm.token_uri"},
    {"unsupported_grant_type", false, "this is no endpoint for service accounts; check push.fcm.token_uri"},
    {"access_denied", false, "access is denied; check the account's roles"},
    {"internal_failure", true, "Google's token endpoint is out of order"},
    {"server_error", true, "Google's token endpoint is out of order"},
    {"temporarily_unavailable", true, "Google's token endpoint is out of order"},
};

std::optional<std::chrono::seconds> lifeOf(const nlohmann::json& answer)
{
    const auto member = answer.find("expires_in");
    if (member == answer.end()) return std::chrono::seconds(3600);
    long long seconds = 0;
    if (member->is_number_integer())
        seconds = member->get<long long>();
    else if (member->is_string())
    {
        // Seen in the wild.
        const auto& text = member->get_ref<const std::string&>();
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    }
    if (seconds <= 0) return std::nullopt;
    return std::chrono::seconds(std::min<long long>(seconds, 24 * 3600));
}

/// It becomes a header's value.
bool isHeaderSafe(std::string_view token)
{
    return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

TokenAnswer granted(const nlohmann::json& answer)
{
    const auto token = answer.find("access_token");
    const auto life = lifeOf(answer);
    if (token == answer.end() || !token->is_string() || !isHeaderSafe(token->get_ref<const std::string&>()) || !life)
        return failure("oauth_bad_answer", "the token endpoint's answer makes no sense; check push.fcm.token_uri", true);
    TokenAnswer result;
    result.token = token->get<std::string>();
    result.life = *life;
    return result;
}

} // namespace

TokenAnswer understandTokenAnswer(const HttpAnswer& answer)
{
    if (answer.problem == TransportProblem::Untrusted)
        return failure("oauth_tls_untrusted",
                       "the token endpoint's certificate is not trusted; set push.fcm.ca_file to the right authority", false);
    if (answer.problem) return failure(fmt::format("oauth_{}", toString(*answer.problem)), "the token endpoint cannot be reached", true);

    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (answer.status == 200)
        return json.is_object() ? granted(json)
                                : failure("oauth_bad_answer", "the token endpoint's answer makes no sense; check push.fcm.token_uri", true);

    const auto error = json.is_object() ? json.find("error") : json.end();
    if (json.is_object() && error != json.end() && error->is_string())
    {
        const auto& name = error->get_ref<const std::string&>();
        const auto* known =
            std::find_if(std::begin(knownErrors), std::end(knownErrors), [&](const KnownError& entry) { return entry.name == name; });
        if (known != std::end(knownErrors))
            return failure(fmt::format("oauth_{}", known->name), std::string(known->remedy), known->isRetryable);
    }
    const int status = answer.status;
    const bool isRetryable = status == 408 || status == 429 || status >= 500;
    return failure(fmt::format("oauth_http_{}", status),
                   isRetryable ? "Google's token endpoint is out of order"
                               : "the token endpoint refuses; check push.fcm.token_uri and the account",
                   isRetryable);
}

TokenEndpoint::TokenEndpoint(ServiceAccount account, const std::string& tokenUri, std::chrono::milliseconds timeout, HttpMultiplexer& http,
                             const Clock& clock)
    : _account(std::move(account)),
      _timeout(timeout),
      _http(http),
      _clock(clock)
{
    HttpTarget target;
    target.url = tokenUri.empty() ? _account.tokenUri : tokenUri;
    target.headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"};
    _target = std::make_shared<const HttpTarget>(std::move(target));
}

TokenAnswer TokenEndpoint::fetch()
try
{
    HttpPost post;
    post.target = _target;
    // base64url and dots need no percent-encoding.
    post.body =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + makeAssertion(_account, _target->url, _clock.now());
    HttpGroup group(std::chrono::steady_clock::now() + _timeout);
    std::vector<HttpPost> posts;
    posts.push_back(std::move(post));
    _http.submit(group, std::move(posts), HttpMultiplexer::Urgency::High);
    return understandTokenAnswer(group.take().front().second);
}
catch (const std::exception& error)
{
    return failure("oauth_failed", error.what(), false);
}

} // namespace carillon::push::fcm
