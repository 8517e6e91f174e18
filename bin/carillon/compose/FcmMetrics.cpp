#include "compose/FcmMetrics.h"

namespace carillon::compose
{
namespace
{

constexpr push::PushOutcome outcomes[] = {push::PushOutcome::Accepted,       push::PushOutcome::AddressDead,   push::PushOutcome::PayloadRefused,
                                          push::PushOutcome::Throttled,      push::PushOutcome::Transient,     push::PushOutcome::Misconfigured,
                                          push::PushOutcome::ProviderDown,   push::PushOutcome::Ambiguous};

} // namespace

FcmMetrics::FcmMetrics(metrics::MetricsRegistry& registry) :
    _duration(registry.histogram("carillon_provider_request_duration_seconds", "Time from handing a push to the client to its result",
                                 metrics::Buckets::Seconds, {{"provider", "fcm"}})),
    _tokensGot(registry.counter("carillon_provider_token_requests_total", "Access tokens asked for", {{"provider", "fcm"}, {"outcome", "ok"}})),
    _tokensFailed(registry.counter("carillon_provider_token_requests_total", "Access tokens asked for", {{"provider", "fcm"}, {"outcome", "failed"}})),
    _breakerOpen(registry.gauge("carillon_provider_breaker_open", "1 while nothing is sent because the provider seems down", {{"provider", "fcm"}},
                                metrics::GaugeRule::Maximum))
{
    for (const push::PushOutcome outcome : outcomes)
        _outcomes[static_cast<std::size_t>(outcome)] =
            registry.counter("carillon_provider_requests_total", "Pushes by what the provider said", {{"provider", "fcm"}, {"outcome", toString(outcome)}});
}

void FcmMetrics::pushed(const push::PushResult& result, std::chrono::microseconds duration)
{
    _outcomes[static_cast<std::size_t>(result.outcome)].add();
    if (duration.count() > 0) _duration.observe(std::chrono::nanoseconds(duration));
}

void FcmMetrics::tokenRequested(std::string_view code, std::chrono::microseconds)
{
    (code.empty() ? _tokensGot : _tokensFailed).add();
}

void FcmMetrics::breakerChanged(bool isOpen)
{
    _breakerOpen.set(isOpen ? 1 : 0);
}

} // namespace carillon::compose
