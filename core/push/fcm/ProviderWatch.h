#pragma once

#include "push/fcm/Breaker.h"
#include "push/fcm/Classification.h"
#include "push/fcm/DeathGuard.h"
#include "push/fcm/FcmOptions.h"
#include "push/fcm/ProjectTap.h"

#include "carillon/Logger.h"

#include <atomic>

namespace carillon::push::fcm
{

/// What this process has learnt of FCM as a whole: whether to send at all, and which answers to believe. Tells the log and the observer.
/// Thread-safe; does not block.
class ProviderWatch
{
public:
    ProviderWatch(const FcmOptions& options, const Clock& clock, Logger logger, FcmObserver* observer);

    struct Admission
    {
        Breaker::Admission breaker = Breaker::Admission::Closed;
        /// Set: do not send; this is the result.
        std::optional<PushResult> refusal;
    };

    /// Asks before each push. One that was admitted is settled, or abandoned when it was not sent after all.
    Admission admit();
    void abandon(const Admission& admission) { _breaker.abandoned(admission.breaker); }

    /// Learns from the answer to one admitted push, and returns its final result.
    PushResult settle(Verdict verdict, const Admission& admission, const std::string& address);

    bool isBreakerOpen() const { return _breaker.isOpen(); }

private:
    void learnHealth(const Verdict& verdict, const Admission& admission, const std::string& address, SteadyPoint now);
    void judgeDeath(Verdict& verdict, SteadyPoint now);
    bool mayLog(std::atomic<SteadyPoint::rep>& last, SteadyPoint now);

    const Clock& _clock;
    const Logger _logger;
    FcmObserver* const _observer;
    Breaker _breaker;
    ProjectTap _tap;
    DeathGuard _guard;
    std::atomic<SteadyPoint::rep> _lastMisconfiguration{0};
    std::atomic<SteadyPoint::rep> _lastDisbelief{0};
};

} // namespace carillon::push::fcm
