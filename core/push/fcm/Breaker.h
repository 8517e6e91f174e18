#pragma once

#include "push/fcm/FcmOptions.h"

#include <mutex>
#include <vector>

namespace carillon::push::fcm
{

/// Stops sending to a provider that is down, and finds out with one push when it is back.
///
/// Opens when different addresses fail one after the other with nothing answered sensibly in between; a single message that always fails,
/// or failures between successes, never open it. Thread-safe; never blocks for long.
class Breaker
{
public:
    enum class Admission
    {
        Closed, ///< send; tell the result
        Probe,  ///< send; this one decides: tell the result, whatever happens
        Refused ///< do not send
    };

    explicit Breaker(BreakerOptions options) : _options(options) {}

    Admission admit(SteadyPoint now);

    /// How long to wait after a refusal.
    std::chrono::milliseconds retryAfter(SteadyPoint now) const;

    /// The provider answered for itself. True when that closed the breaker.
    bool succeeded(Admission admission);

    /// The provider failed for the address with this hash. True when that opened it, or kept it open after a probe.
    bool failed(Admission admission, std::size_t address, SteadyPoint now);

    /// The push that was admitted says nothing of the provider: it was never sent, or throttled. Frees the probe's place.
    void abandoned(Admission admission);

    bool isOpen() const;

private:
    struct Failure
    {
        std::size_t address;
        SteadyPoint at;
    };

    void open(SteadyPoint now);

    const BreakerOptions _options;
    mutable std::mutex _mutex;
    std::vector<Failure> _failures;
    bool _isOpen = false;
    bool _isProbing = false;
    SteadyPoint _openUntil{};
};

} // namespace carillon::push::fcm
