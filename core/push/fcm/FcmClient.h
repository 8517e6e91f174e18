#pragma once

#include "push/PushProvider.h"
#include "push/fcm/FcmOptions.h"

#include "carillon/Logger.h"

#include <memory>

namespace carillon::push::fcm
{

/// Pushes by Firebase Cloud Messaging's HTTP v1.
///
/// One connection (or `connections`), up to 100 requests at once on each, one I/O thread, one thread for the access token; any number of
/// threads may push. A push is sent at most once a call, except when FCM refused the access token: then once more with a new one.
///
/// Not sent are: what the local checks refuse (PayloadRefused), everything while the project's quota is used up (Throttled), while the
/// breaker is open or no token can be had (ProviderDown). Addresses, titles, bodies and tokens appear in no log, error or result.
/// docs/fcm.md has the table of answers and results.
class FcmClient final : public PushProvider
{
public:
    /// Reads the service account and starts both threads; connects with the first push. `clock` and `observer` outlive the client.
    /// Throws ConfigurationError that names the setting or file, and the remedy.
    FcmClient(const FcmOptions& options, const Clock& clock, Logger logger, FcmObserver* observer = nullptr);

    /// Only when no push is under way: cancel() first.
    ~FcmClient() override;

    std::string name() const override { return "fcm"; }

    /// While more are waiting than there are streams, each is checked against breaker, quota and token when its turn comes.
    void push(std::span<const PushRequest> requests, SteadyPoint deadline, const Sink& sink) override;

    /// Ends what is under way, for a process that must stop now: Ambiguous where it was sent, else Transient; later pushes are Transient.
    void cancel();

    bool isBreakerOpen() const;

private:
    friend class PushCall;
    struct Parts;
    std::unique_ptr<Parts> _parts;
};

} // namespace carillon::push::fcm
