#include "push/fcm/TokenSource.h"

#include <pthread.h>

#include <algorithm>
#include <random>

namespace carillon::push::fcm
{
namespace
{

using std::chrono::milliseconds;

milliseconds varied(milliseconds wait)
{
    static thread_local std::minstd_rand random{std::random_device{}()};
    return std::chrono::duration_cast<milliseconds>(wait * std::uniform_real_distribution<double>(0.9, 1.1)(random));
}

PushResult failureOf(PushOutcome outcome, std::string code, std::string detail)
{
    PushResult result;
    result.outcome = outcome;
    result.code = std::move(code);
    result.detail = std::move(detail);
    return result;
}

} // namespace

TokenSource::TokenSource(Fetch fetch, TokenSourceOptions options, const Clock& clock, Logger logger, FcmObserver* observer)
    : _fetch(std::move(fetch)),
      _options(options),
      _clock(clock),
      _logger(std::move(logger)),
      _observer(observer)
{
    _thread = std::thread([this] { run(); });
    pthread_setname_np(_thread.native_handle(), "fcm-token");
}

TokenSource::~TokenSource() { stop(); }

void TokenSource::stop()
{
    {
        const std::lock_guard lock(_mutex);
        _isStopping = true;
        _changed.notify_all();
    }
    if (_thread.joinable()) _thread.join();
}

TokenGrant TokenSource::get(SteadyPoint deadline)
{
    std::unique_lock lock(_mutex);
    for (;;)
    {
        const auto now = _clock.steady();
        const bool mayAsk = !_isStopping && now >= _failedUntil;
        if (_token && now < _expiresAt)
        {
            if (now >= _staleAt && mayAsk && !_isWanted)
            {
                _isWanted = true;
                _changed.notify_all();
            }
            return {_token, {}};
        }
        if (!mayAsk) return refusal(now);
        if (now >= deadline)
            return {nullptr,
                    failureOf(PushOutcome::ProviderDown, "oauth_timeout", "no access token came in time: the token endpoint is slow")};
        if (!_isWanted)
        {
            _isWanted = true;
            _changed.notify_all();
        }
        _changed.wait_for(lock, deadline - now);
    }
}

void TokenSource::invalidate(const std::string& token)
{
    const std::lock_guard lock(_mutex);
    if (!_token || *_token != token) return;
    _token.reset();
    // A background refresh that failed must not stand in the way of the one that is needed now.
    _failedUntil = SteadyPoint::min();
}

TokenGrant TokenSource::refusal(SteadyPoint now) const
{
    if (_isStopping || !_failure) return {nullptr, failureOf(PushOutcome::ProviderDown, "stopping", "the push client is stopping")};
    TokenGrant grant{nullptr, *_failure};
    grant.failure.retryAfter = std::chrono::ceil<milliseconds>(_failedUntil - now);
    return grant;
}

void TokenSource::run()
{
    std::unique_lock lock(_mutex);
    for (;;)
    {
        _changed.wait(lock, [&] { return _isWanted || _isStopping; });
        if (_isStopping) return;
        lock.unlock();
        TokenAnswer answer = fetchWithRetries();
        lock.lock();
        learn(std::move(answer));
        _isWanted = false;
        _changed.notify_all();
    }
}

TokenAnswer TokenSource::fetchWithRetries()
{
    auto wait = _options.retryDelay;
    for (int attempt = 1;; ++attempt, wait *= 2)
    {
        const auto started = _clock.steady();
        TokenAnswer answer = _fetch();
        if (_observer != nullptr)
            _observer->tokenRequested(answer.code, std::chrono::duration_cast<std::chrono::microseconds>(_clock.steady() - started));
        if (answer.token.empty() && answer.isRetryable && attempt < _options.attempts)
        {
            std::unique_lock lock(_mutex);
            if (!_changed.wait_for(lock, varied(wait), [&] { return _isStopping; })) continue;
        }
        return answer;
    }
}

/// Under the lock.
void TokenSource::learn(TokenAnswer answer)
{
    const auto now = _clock.steady();
    if (!answer.token.empty())
    {
        // A token that dies at once is not one: without this every push would ask for another.
        const auto life = std::max(answer.life, std::chrono::seconds(1));
        _token = std::make_shared<const std::string>(std::move(answer.token));
        _expiresAt = now + life;
        _staleAt = now + std::max<SteadyPoint::duration>(life - _options.staleBefore, SteadyPoint::duration(life) / 2);
        _failure.reset();
        _failedUntil = SteadyPoint::min();
        _logger.debug("access token refreshed", {{"life_s", life.count()}});
        return;
    }
    if (_isStopping) return;
    const auto outcome = answer.isRetryable ? PushOutcome::ProviderDown : PushOutcome::Misconfigured;
    _failure = failureOf(outcome, answer.code, answer.detail);
    _failedUntil = now + _options.holdOff;
    const bool isUsable = _token && now < _expiresAt;
    _logger.log(isUsable ? LogLevel::Warning : LogLevel::Error,
                isUsable ? "access token not refreshed; the old one still serves" : "no access token: pushes wait",
                {{"code", answer.code}, {"reason", answer.detail}});
}

} // namespace carillon::push::fcm
