#pragma once

#include "push/fcm/FcmOptions.h"

#include "carillon/Logger.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace carillon::push::fcm
{

/// What a token endpoint answered once.
struct TokenAnswer
{
    /// Empty on failure.
    std::string token;
    std::chrono::seconds life{3600};
    /// On failure: our short code, `oauth_…`.
    std::string code;
    std::string detail;
    /// The endpoint is out of reach or out of order; else it refuses us.
    bool isRetryable = false;
};

/// A token to send with, or why there is none.
struct TokenGrant
{
    std::shared_ptr<const std::string> token;
    /// Without token: ProviderDown while the endpoint is out of reach, Misconfigured when it refuses us. Neither counts as an attempt.
    PushResult failure;
};

struct TokenSourceOptions
{
    /// Attempts for one refresh; waits between them begin with `retryDelay`, double, and vary by 10 %.
    int attempts = 3;
    std::chrono::milliseconds retryDelay{1000};
    /// How long callers are turned away without asking again after a refresh failed.
    std::chrono::milliseconds holdOff{5000};
    /// A token that ends sooner than this (or is past half its life, if that is later) is stale.
    std::chrono::seconds staleBefore{225};
};

/// The one access token of a process.
///
/// Fresh: given out. Stale: given out, while one refresh runs in the background; it may fail without harm. Invalid (none, expired or
/// refused): callers wait for the refresh, which runs once for all of them. One thread of its own asks the endpoint. Thread-safe.
class TokenSource
{
public:
    /// Asks the endpoint once; blocks; must not throw.
    using Fetch = std::function<TokenAnswer()>;

    TokenSource(Fetch fetch, TokenSourceOptions options, const Clock& clock, Logger logger, FcmObserver* observer);

    /// Waits for a fetch that is under way.
    ~TokenSource();
    TokenSource(const TokenSource&) = delete;
    TokenSource& operator=(const TokenSource&) = delete;

    /// Blocks until there is a token, its refresh failed, or `deadline`.
    TokenGrant get(SteadyPoint deadline);

    /// FCM refused this very token. Another one, got in the meantime, stays.
    void invalidate(const std::string& token);

    /// Ends the thread; callers that wait, and later ones without a token, get a failure. May be called again.
    void stop();

private:
    void run();
    TokenAnswer fetchWithRetries();
    void learn(TokenAnswer answer);
    bool isFresh(SteadyPoint now) const;
    TokenGrant refusal(SteadyPoint now) const;

    const Fetch _fetch;
    const TokenSourceOptions _options;
    const Clock& _clock;
    const Logger _logger;
    FcmObserver* const _observer;

    std::mutex _mutex;
    std::condition_variable _changed;
    std::shared_ptr<const std::string> _token;
    SteadyPoint _staleAt{};
    SteadyPoint _expiresAt{};
    std::optional<PushResult> _failure;
    SteadyPoint _failedUntil = SteadyPoint::min();
    bool _isWanted = false;
    bool _isStopping = false;
    std::thread _thread;
};

} // namespace carillon::push::fcm
