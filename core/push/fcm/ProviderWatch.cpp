#include "push/fcm/ProviderWatch.h"

namespace carillon::push::fcm
{
namespace
{

/// The same complaint comes with every push; one line a minute tells it too.
constexpr std::chrono::seconds complaintInterval{60};

PushResult notSent(PushOutcome outcome, std::string code, std::string detail, std::chrono::milliseconds retryAfter)
{
    PushResult result;
    result.outcome = outcome;
    result.code = std::move(code);
    result.detail = std::move(detail);
    result.retryAfter = retryAfter;
    return result;
}

} // namespace

ProviderWatch::ProviderWatch(const FcmOptions& options, const Clock& clock, Logger logger, FcmObserver* observer)
    : _clock(clock),
      _logger(std::move(logger)),
      _observer(observer),
      _breaker(options.breaker),
      _guard(options.deathGuard)
{
}

ProviderWatch::Admission ProviderWatch::admit()
{
    const auto now = _clock.steady();
    if (const auto wait = _tap.closedFor(now))
        return {{}, notSent(PushOutcome::Throttled, "project_quota", "not sent: the project's quota is used up", *wait)};
    const auto admission = _breaker.admit(now);
    if (admission != Breaker::Admission::Refused) return {admission, std::nullopt};
    return {admission, notSent(PushOutcome::ProviderDown, "breaker_open", "not sent: FCM is out of order", _breaker.retryAfter(now))};
}

PushResult ProviderWatch::settle(Verdict verdict, const Admission& admission, const std::string& address)
{
    const auto now = _clock.steady();
    learnHealth(verdict, admission, address, now);
    PushResult& result = verdict.result;
    if (verdict.closesTap && result.retryAfter)
    {
        _tap.close(now, *result.retryAfter);
        _logger.warning("the project's quota is used up; nothing is sent", {{"for_ms", result.retryAfter->count()}});
    }
    if (result.outcome == PushOutcome::Accepted) _guard.accepted(now);
    if (result.outcome == PushOutcome::AddressDead) judgeDeath(verdict, now);
    if (result.outcome == PushOutcome::Misconfigured && mayLog(_lastMisconfiguration, now))
        _logger.error("push refused by set-up", {{"code", result.code}, {"http", result.httpStatus}, {"reason", result.detail}});
    return std::move(result);
}

void ProviderWatch::learnHealth(const Verdict& verdict, const Admission& admission, const std::string& address, SteadyPoint now)
{
    switch (verdict.health)
    {
    case ProviderHealth::Alive:
        if (!_breaker.succeeded(admission.breaker)) return;
        _logger.notice("FCM answers again; the breaker is closed");
        if (_observer != nullptr) _observer->breakerChanged(false);
        return;
    case ProviderHealth::Failing:
        if (!_breaker.failed(admission.breaker, std::hash<std::string>{}(address), now)) return;
        _logger.error("FCM is out of order; the breaker is open",
                      {{"code", verdict.result.code}, {"http", verdict.result.httpStatus}, {"for_ms", _breaker.retryAfter(now).count()}});
        if (_observer != nullptr) _observer->breakerChanged(true);
        return;
    case ProviderHealth::Unknown: _breaker.abandoned(admission.breaker); return;
    }
}

void ProviderWatch::judgeDeath(Verdict& verdict, SteadyPoint now)
{
    if (_guard.believes(verdict.isSuspiciousDeath, now)) return;
    verdict.result.outcome = PushOutcome::PayloadRefused;
    verdict.result.detail = "FCM calls so many addresses dead that the set-up may be wrong; the address is kept";
    if (mayLog(_lastDisbelief, now))
        _logger.critical(
            "too many addresses are called dead; none is deleted until others are accepted. Check push.fcm.project_id, the service "
            "account and the APNs key",
            {{"code", verdict.result.code}});
}

bool ProviderWatch::mayLog(std::atomic<SteadyPoint::rep>& last, SteadyPoint now)
{
    auto known = last.load();
    if (known != 0 && now - SteadyPoint(SteadyPoint::duration(known)) < complaintInterval) return false;
    return last.compare_exchange_strong(known, now.time_since_epoch().count());
}

} // namespace carillon::push::fcm
