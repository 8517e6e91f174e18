#pragma once

#include "carillon/Outcome.h"
#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/Notification.h"
#include "port/PushLedger.h"
#include "push/PushProvider.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace carillon::notification
{

/// How long a message is put off when the provider names no time itself.
struct PostponementDelays
{
    /// After a 429: Google asks for a minute at least.
    std::chrono::milliseconds throttled{60000};
    /// While the provider's breaker is open.
    std::chrono::milliseconds providerDown{10000};
    /// Credentials or project are wrong: somebody has to repair them, so there is no hurry.
    std::chrono::milliseconds misconfigured{60000};
};

/// The pushes of one message: what was known of them, what is to be sent now, what was answered, and what follows.
/// Pure: knows no store, no provider and no clock. Used by one thread.
class MessagePushes
{
public:
    /// `found` is what the ledger has. A record that says `intent` was left by a run that died between its two transactions:
    /// nobody knows whether it was sent, so it reads as unknown.
    MessagePushes(std::string messageId, NotificationType type, std::vector<Address> addresses, std::vector<port::PushRecord> found);

    /// One live address of the user.
    struct Target
    {
        Address address;
        port::PushRecord record;
        bool isDue = false;
        /// When the push was about to go out: a registration after it is another one.
        TimePoint sentAt{};
        bool isAnswered = false;
        push::PushResult result;
    };

    std::size_t size() const noexcept { return _targets.size(); }
    const Target& operator[](std::size_t index) const { return _targets[index]; }

    bool isKnownToLedger() const noexcept { return _isKnownToLedger; }
    /// True when some address is to be pushed to now.
    bool hasDue() const;

    /// The ledger's records for what is about to be pushed.
    std::vector<port::PushRecord> intents(TimePoint now);
    void answer(std::size_t index, push::PushResult result, TimePoint at);

    /// Records that differ from what the ledger has, after the answers.
    std::vector<port::PushRecord> changedRecords() const;
    /// When the first address accepted it, if that was in this run.
    std::optional<TimePoint> becameSentAt() const;
    /// True when something was, or may have been, taken by the provider in this run or by the interrupted one before.
    bool hasSpent() const;
    /// True when nothing was, or may have been, taken, ever.
    bool isUnsent() const;

    /// What becomes of the message. `isLast` is true when no retry follows this attempt: an unknown answer is final then.
    Outcome decide(const PostponementDelays& delays, TimePoint now, bool isLast) const;

    struct Counts
    {
        int accepted = 0, failed = 0, unknown = 0, open = 0;
    };
    /// Of all addresses, in this run and before.
    Counts counts() const;

private:
    bool mayRepeatUnknown(const port::PushRecord& record) const;
    bool isSettled(const port::PushRecord& record, bool isLast) const;
    bool isTaken() const;
    Outcome decideUnsettled(const PostponementDelays& delays, TimePoint now, bool isLast) const;

    std::string _messageId;
    NotificationType _type;
    std::vector<Target> _targets;
    /// Of addresses that are no longer the user's: they still say that the message was sent.
    std::vector<port::PushRecord> _formerRecords;
    std::vector<std::string> _interrupted;
    bool _isKnownToLedger = false;
    bool _wasSent = false;
};

} // namespace carillon::notification
