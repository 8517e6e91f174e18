#pragma once

#include "push/PushProvider.h"

#include <chrono>
#include <filesystem>
#include <string>

namespace carillon::push::fcm
{

/// When to believe that FCM itself is down, and how long to leave it alone.
struct BreakerOptions
{
    /// Opens after provider-wide failures (transport, 5xx, credentials) for so many different addresses, with nothing answered sensibly in
    /// between. Counting addresses, not failures: one message that always fails is no outage. 0: never opens.
    int failures = 20;

    /// Failures further apart than this are no outage.
    std::chrono::milliseconds window{60000};

    /// How long nothing is sent; then one push is the probe.
    std::chrono::milliseconds openFor{10000};
};

/// When to stop believing that addresses are dead: a wrong project or key would otherwise wipe every device.
struct DeathGuardOptions
{
    /// More than this part of the answers of `window` says "dead": results become PayloadRefused (the address stays). 1: no guard.
    double maxDeadPart = 0.2;

    /// So many dead addresses within `window` before the part means anything.
    int minDead = 50;

    std::chrono::milliseconds window{std::chrono::minutes(10)};
};

/// How Firebase Cloud Messaging is reached. Read once at construction.
struct FcmOptions
{
    /// Scheme, host and port; https only, as an access token travels with every push.
    std::string endpoint = "https://fcm.googleapis.com";

    /// Empty: the service account's.
    std::string projectId;

    /// Google's JSON key. Empty: pushes are Misconfigured, and dry runs make the local checks only.
    std::filesystem::path serviceAccountFile;

    /// OAuth2 token endpoint. Empty: the service account's.
    std::string tokenUri;

    /// Certificates to trust, PEM. Empty: the system's.
    std::filesystem::path caFile;

    /// Of one request, from the moment it gets a stream. A slower one is Ambiguous: it may have been taken.
    std::chrono::milliseconds timeout{15000};

    /// Of a new connection, TLS included.
    std::chrono::milliseconds connectTimeout{5000};

    /// HTTP/2 connections of this process.
    int connections = 1;

    /// Requests in flight on one connection. FCM ends a connection that has more than 100.
    int maxStreams = 100;

    /// Shortest wait asked for after a 500 or 503. Google advises 10 s; the breaker opens long before that matters.
    std::chrono::milliseconds minRetryDelay{0};

    /// A longer Retry-After is cut to it.
    std::chrono::milliseconds maxRetryAfter{std::chrono::minutes(15)};

    /// How long FCM keeps a push for a device that is off, where the request does not say (at most 28 days).
    std::chrono::milliseconds ttl{std::chrono::hours(24 * 28)};

    /// Every push is a dry run: FCM checks and delivers nothing.
    bool validateOnly = false;

    /// First wait after a failed token request, doubled each time, ±10 %; three attempts, as Google's own libraries make.
    std::chrono::milliseconds tokenRetryDelay{1000};

    /// How long pushes are turned away without asking again after a token could not be had.
    std::chrono::milliseconds tokenHoldOff{5000};

    BreakerOptions breaker;
    DeathGuardOptions deathGuard;

    /// Throws ConfigurationError that names the setting and the remedy.
    void check() const;
};

/// Sees what the client does; for metrics. Called on the thread that pushes or on one of the client's own: thread-safe, quick, never
/// throws.
class FcmObserver
{
public:
    virtual ~FcmObserver() = default;

    /// One request has its result. `duration` is from when it got a stream to the answer; zero when nothing was sent.
    virtual void pushed(const PushResult& result, std::chrono::microseconds duration) = 0;

    /// A token was asked for: `code` is empty on success.
    virtual void tokenRequested(std::string_view code, std::chrono::microseconds duration) = 0;

    /// The breaker opened or closed.
    virtual void breakerChanged(bool isOpen) = 0;
};

} // namespace carillon::push::fcm
