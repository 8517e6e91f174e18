#pragma once

#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "carillon/notification/NotificationService.h"
#include "notification/MessagePushes.h"
#include "port/Ledger.h"
#include "port/RateLimiter.h"

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace carillon::notification
{

class NotificationRepository;

/// What a lock screen shows when the sender's words are not to be shown, or are not there. It passes other people's servers and eyes,
/// so it must say nothing of health.
struct NeutralText
{
    std::string title;
    std::string body;
};

enum class PushText
{
    AsGiven, ///< title and body of the message; the neutral ones where it gives none
    Neutral  ///< the neutral ones always; the app fetches the words after unlocking
};

/// How notifications are sent. Read once at start (`notification.*` in the configuration).
struct PushNotificationOptions
{
    port::RateLimit rateLimit;
    /// The only values of `serviceName`.
    std::vector<std::string> services{"diabetes", "wellness", "maternity"};
    PushText pushText = PushText::AsGiven;
    /// No text may be empty.
    NeutralText alert;
    NeutralText reminder;
    NeutralText info;
    PostponementDelays delays;
    /// Of the handler's time, what is kept for recording the results: pushes are cut off so long before the deadline, or at
    /// four fifths of the time that is left where that is later.
    std::chrono::milliseconds timeToSettle{1000};
};

/// Sends notifications through a push provider, over the store's ports: see NotificationService for what it promises.
///
/// A batch costs two look-ups and two short transactions (reservation, intents) before the push, whatever its size; the results are staged
/// in each item's unit of work, for a type of TransactionKind::Manual. Log lines hold ids of messages, counts and fingerprints of
/// addresses, never a user, a text or an address.
///
/// Thread-safe: it has no state of its own. The collaborators must outlive it.
class PushNotificationService final : public NotificationService
{
public:
    struct Collaborators
    {
        NotificationRepository& notifications;
        DeviceRegistry& devices;
        port::Ledger& ledger;
        port::PushLedger& pushLedger;
        port::RateLimiter& rateLimiter;
        push::PushProvider& provider;
        const Clock& clock;
        Logger logger;
    };

    /// Throws ConfigurationError naming the key of a neutral text that is empty.
    PushNotificationService(Collaborators collaborators, PushNotificationOptions options);

    void send(std::span<SendJob> jobs) override;
    void stageFailure(UnitOfWork& work, const std::string& messageId, const std::string& serviceName) override;

private:
    struct Sending;

    /// Checks and looks up; jobs that can never be sent are finished.
    std::vector<Sending> prepare(std::span<SendJob> jobs);
    bool isAcceptable(SendJob& job, std::map<std::string, std::string>& data) const;
    /// Finishes those that the rate limit holds back, and takes them out.
    void reserve(std::vector<Sending>& sendings);
    void recordIntents(std::vector<Sending>& sendings);
    void push(std::vector<Sending>& sendings);
    void conclude(Sending& sending);
    void stageResults(Sending& sending, const Outcome& outcome, TimePoint now);

    /// What can never be sent is stored too, so that its notification can be asked for and is seen to have failed.
    void reject(SendJob& job, const std::string& reason, const std::string& errorClass) const;
    push::PushRequest requestFor(const Sending& sending, const Address& address) const;
    Notification notificationFor(const SendJob& job) const;
    const NeutralText& neutralText(NotificationType type) const;
    bool isKnownService(const std::string& name) const;
    void finish(SendJob& job, Outcome outcome, const MessagePushes::Counts& counts) const;

    Collaborators _with;
    PushNotificationOptions _options;
};

} // namespace carillon::notification
