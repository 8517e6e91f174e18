#include "push/fcm/PushCall.h"

#include <algorithm>

namespace carillon::push::fcm
{
namespace
{

using std::chrono::microseconds;

/// The multiplexer lives in real time, whatever clock the caller turns.
SteadyPoint realDeadline(SteadyPoint deadline, const Clock& clock)
{
    constexpr SteadyPoint::duration longest = std::chrono::hours(24);
    const auto now = clock.steady();
    const auto left = deadline > now + longest ? longest : deadline - now;
    return std::chrono::steady_clock::now() + left;
}

PushResult resultOf(PushOutcome outcome, std::string code, std::string detail)
{
    PushResult result;
    result.outcome = outcome;
    result.code = std::move(code);
    result.detail = std::move(detail);
    return result;
}

/// W3C trace context, version 00: it becomes a header, so nothing else may pass.
bool isTraceParent(const std::string& text)
{
    constexpr std::string_view form = "00-________________________________-________________-__";
    const auto fits = [](char c, char wanted) { return wanted == '_' ? (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') : c == wanted; };
    return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(), fits);
}

} // namespace

PushCall::PushCall(FcmClient::Parts& parts, std::span<const PushRequest> requests, SteadyPoint deadline, const PushProvider::Sink& sink)
    : _parts(parts),
      _requests(requests),
      _deadline(deadline),
      _sink(sink),
      _classification{parts.options.minRetryDelay, parts.options.maxRetryAfter},
      _items(requests.size()),
      _group(realDeadline(deadline, parts.clock))
{
}

void PushCall::run() noexcept
try
{
    exchangeAll();
}
catch (const std::exception&)
{
    // No memory, in practice.
    abandonAll();
}

void PushCall::exchangeAll()
{
    for (;;)
    {
        fill();
        if (_underWay == 0 && _refusedTokens.empty()) return;
        if (_underWay > 0) receive();
        if (!_refusedTokens.empty()) repeatWithNewToken();
    }
}

/// Prepares as many as there is room for, and hands them over together.
void PushCall::fill()
{
    const std::size_t window = _parts.window();
    while (_next < _requests.size() && _underWay + _posts.size() < window)
    {
        const std::size_t index = _next++;
        if (prepare(index)) post(index);
    }
    submitPosts();
}

/// False when the request has its result already.
bool PushCall::prepare(std::size_t index)
{
    const PushRequest& request = _requests[index];
    Item& item = _items[index];
    const auto settledBy = [&](std::optional<PushResult> result)
    {
        if (!result) return false;
        finish(index, std::move(*result));
        return true;
    };
    if (settledBy(_parts.message.write(request, _parts.clock.now(), item.body))) return false;
    if (settledBy(withoutCredentials(request))) return false;
    if (_parts.clock.steady() >= _deadline)
    {
        finish(index, resultOf(PushOutcome::Transient, "deadline", "not sent: no time was left"));
        return false;
    }
    item.admission = _parts.watch.admit();
    if (settledBy(item.admission.refusal)) return false;

    TokenGrant grant = _parts.tokens->get(_deadline);
    if (!grant.token)
    {
        finish(index, std::move(grant.failure));
        return false;
    }
    item.token = std::move(grant.token);
    return true;
}

std::optional<PushResult> PushCall::withoutCredentials(const PushRequest& request) const
{
    if (_parts.tokens) return std::nullopt;
    if (request.isDryRun || _parts.options.validateOnly)
        return resultOf(PushOutcome::Accepted, "checked_locally", "checked here only: push.fcm.service_account_file is not set");
    return resultOf(PushOutcome::Misconfigured, "no_credentials", "push.fcm.service_account_file is not set; name Google's JSON key");
}

void PushCall::post(std::size_t index)
{
    Item& item = _items[index];
    if (_targetToken != item.token)
    {
        auto target = std::make_shared<HttpTarget>();
        target->url = _parts.sendUrl;
        target->headers = {"Authorization: Bearer " + *item.token, "Content-Type: application/json", "Accept: application/json",
                           // The error's form with `details`.
                           "X-GOOG-API-FORMAT-VERSION: 2"};
        _target = std::move(target);
        _targetToken = item.token;
    }
    HttpPost post;
    post.index = index;
    post.target = _target;
    if (isTraceParent(_requests[index].traceParent)) post.extraHeader = "traceparent: " + _requests[index].traceParent;
    // Kept for the one repeat that a refused token may need.
    post.body = item.body;
    _posts.push_back(std::move(post));
}

void PushCall::submitPosts()
{
    if (_posts.empty()) return;
    const std::size_t count = _posts.size();
    for (const HttpPost& post : _posts) _items[post.index].isUnderWay = true;
    _parts.http.submit(_group, std::exchange(_posts, {}));
    _underWay += count;
}

void PushCall::receive()
{
    for (auto& [index, answer] : _group.take())
    {
        --_underWay;
        _items[index].isUnderWay = false;
        understand(index, answer);
    }
}

void PushCall::understand(std::size_t index, const HttpAnswer& answer)
{
    Item& item = _items[index];
    const bool isDryRun = _requests[index].isDryRun || _parts.options.validateOnly;
    Verdict verdict = classify(answer, isDryRun, _parts.clock.now(), _classification);
    if (verdict.wantsNewToken)
    {
        _parts.tokens->invalidate(*item.token);
        if (!item.wasRefusedToken)
        {
            item.wasRefusedToken = true;
            _refusedTokens.push_back(index);
            return;
        }
    }
    item.isJudged = true;
    finish(index, _parts.watch.settle(std::move(verdict), item.admission, _requests[index].address), answer.duration);
}

void PushCall::repeatWithNewToken()
{
    for (const std::size_t index : std::exchange(_refusedTokens, {}))
    {
        TokenGrant grant = _parts.tokens->get(_deadline);
        Item& item = _items[index];
        if (grant.token)
        {
            item.token = std::move(grant.token);
            post(index);
            continue;
        }
        finish(index, std::move(grant.failure));
    }
    submitPosts();
}

void PushCall::finish(std::size_t index, PushResult result, microseconds duration)
{
    Item& item = _items[index];
    item.isSettled = true;
    // Without an answer it says nothing of the provider; a probe that never ran must let another one.
    if (!item.isJudged) _parts.watch.abandon(item.admission);
    if (_parts.observer != nullptr) _parts.observer->pushed(result, duration);
    try
    {
        _sink(index, std::move(result));
    }
    catch (const std::exception&)
    {
        // The others' results still count; the sink is our own service's.
        _parts.logger.error("the sink of push results threw; its result is lost", {{"index", index}});
    }
}

/// The group must not go while posts are under way in it.
void PushCall::abandonAll() noexcept
try
{
    while (_underWay > 0)
    {
        for (auto& [index, answer] : _group.take())
        {
            --_underWay;
            _items[index].isUnderWay = false;
            const bool maySent = answer.mayBeProcessed;
            finish(index, resultOf(maySent ? PushOutcome::Ambiguous : PushOutcome::Transient, "out_of_memory", "no memory for the answer"));
        }
    }
    for (std::size_t index = 0; index < _items.size(); ++index)
    {
        if (_items[index].isSettled) continue;
        finish(index, resultOf(PushOutcome::Transient, "out_of_memory", "not sent: no memory"));
    }
}
catch (const std::exception&)
{
    std::terminate();
}

} // namespace carillon::push::fcm
