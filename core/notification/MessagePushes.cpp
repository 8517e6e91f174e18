#include "notification/MessagePushes.h"

#include "notification/AddressHash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace carillon::notification
{

using port::PushRecord;
using port::PushState;
using push::PushOutcome;

namespace
{

/// The first send whose answer was lost and one repeat.
constexpr int maxUnknowns = 2;

/// Failures of the provider or of our set-up, not of this message: they cost no attempt.
bool isUncounted(PushOutcome outcome)
{
    return outcome == PushOutcome::Throttled || outcome == PushOutcome::Misconfigured || outcome == PushOutcome::ProviderDown;
}

PushState stateAfter(PushOutcome outcome)
{
    switch (outcome)
    {
    case PushOutcome::Accepted: return PushState::Accepted;
    case PushOutcome::AddressDead:
    case PushOutcome::PayloadRefused: return PushState::Failed;
    case PushOutcome::Ambiguous: return PushState::Unknown;
    case PushOutcome::Throttled:
    case PushOutcome::Transient:
    case PushOutcome::Misconfigured:
    case PushOutcome::ProviderDown: return PushState::Open;
    }
    return PushState::Unknown;
}

std::chrono::milliseconds delayAfter(const push::PushResult& result, const PostponementDelays& delays)
{
    const auto named = result.retryAfter.value_or(std::chrono::milliseconds{0});
    switch (result.outcome)
    {
    case PushOutcome::Throttled: return named.count() > 0 ? named : delays.throttled;
    case PushOutcome::ProviderDown: return named.count() > 0 ? named : delays.providerDown;
    case PushOutcome::Misconfigured: return std::max(named, delays.misconfigured);
    default: return named;
    }
}

std::string lowerCase(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string describe(const push::PushResult& result)
{
    std::string text = result.code.empty() ? std::string(toString(result.outcome)) : result.code;
    if (result.httpStatus != 0) text += fmt::format(" (HTTP {})", result.httpStatus);
    if (!result.detail.empty()) text += ": " + result.detail;
    return text;
}

} // namespace

MessagePushes::MessagePushes(std::string messageId, NotificationType type, std::vector<Address> addresses, std::vector<PushRecord> found)
    : _messageId(std::move(messageId)),
      _type(type),
      _isKnownToLedger(!found.empty())
{
    std::map<std::string, PushRecord> byHash;
    for (PushRecord& record : found)
    {
        if (record.state == PushState::Accepted) _wasSent = true;
        if (record.state == PushState::Intent)
        {
            record.state = PushState::Unknown;
            record.code = "interrupted";
            ++record.unknowns;
            _interrupted.push_back(record.addressHash);
        }
        byHash[record.addressHash] = std::move(record);
    }

    for (Address& address : addresses)
    {
        Target target;
        const std::string hash = addressHash(address.value);
        if (auto node = byHash.extract(hash))
        {
            target.record = std::move(node.mapped());
            target.isDue = target.record.state == PushState::Open || mayRepeatUnknown(target.record);
        }
        else
        {
            target.record.messageId = _messageId;
            target.record.addressHash = hash;
            target.record.state = PushState::Open;
            target.isDue = true;
        }
        target.address = std::move(address);
        _targets.push_back(std::move(target));
    }
    for (auto& [hash, record] : byHash) _formerRecords.push_back(std::move(record));

    // A message of which every push had failed was dead. That it is here again means that an operator retries it, after a repair.
    if (!hasDue() && !isTaken())
        for (Target& target : _targets) target.isDue = true;
}

bool MessagePushes::mayRepeatUnknown(const PushRecord& record) const
{
    return record.state == PushState::Unknown && _type != NotificationType::Info && record.unknowns < maxUnknowns;
}

bool MessagePushes::isSettled(const PushRecord& record, bool isLast) const
{
    switch (record.state)
    {
    case PushState::Accepted:
    case PushState::Failed: return true;
    case PushState::Unknown: return isLast || !mayRepeatUnknown(record);
    case PushState::Intent:
    case PushState::Open: return false;
    }
    return false;
}

bool MessagePushes::hasDue() const { return std::ranges::any_of(_targets, &Target::isDue); }

std::vector<PushRecord> MessagePushes::intents(TimePoint now)
{
    std::vector<PushRecord> records;
    for (Target& target : _targets)
    {
        if (!target.isDue) continue;
        PushRecord intent = target.record;
        intent.state = PushState::Intent;
        intent.at = now;
        ++intent.sends;
        records.push_back(intent);
        target.record = std::move(intent);
        target.sentAt = now;
    }
    return records;
}

void MessagePushes::answer(std::size_t index, push::PushResult result, TimePoint at)
{
    Target& target = _targets[index];
    PushRecord& record = target.record;
    record.state = stateAfter(result.outcome);
    record.code = result.code;
    record.providerMessageId = result.providerMessageId;
    record.at = at;
    if (record.state == PushState::Unknown) ++record.unknowns;
    // The breaker kept it here: it was not sent at all.
    if (result.outcome == PushOutcome::ProviderDown) --record.sends;
    target.result = std::move(result);
    target.isAnswered = true;
}

std::vector<PushRecord> MessagePushes::changedRecords() const
{
    const auto wasInterrupted = [this](const PushRecord& record)
    { return std::ranges::find(_interrupted, record.addressHash) != _interrupted.end(); };
    std::vector<PushRecord> records;
    for (const Target& target : _targets)
        if (target.isAnswered || wasInterrupted(target.record)) records.push_back(target.record);
    for (const PushRecord& record : _formerRecords)
        if (wasInterrupted(record)) records.push_back(record);
    return records;
}

std::optional<TimePoint> MessagePushes::becameSentAt() const
{
    if (_wasSent) return {};
    std::optional<TimePoint> earliest;
    for (const Target& target : _targets)
        if (target.isAnswered && target.record.state == PushState::Accepted)
            earliest = std::min(earliest.value_or(target.record.at), target.record.at);
    return earliest;
}

bool MessagePushes::hasSpent() const
{
    if (!_interrupted.empty()) return true;
    return std::ranges::any_of(_targets,
                               [](const Target& target) {
                                   return target.isAnswered && (target.result.outcome == PushOutcome::Accepted ||
                                                                target.result.outcome == PushOutcome::Ambiguous);
                               });
}

bool MessagePushes::isTaken() const
{
    const auto isTakenBy = [](const PushRecord& record)
    { return record.state == PushState::Accepted || record.state == PushState::Unknown; };
    return std::ranges::any_of(_targets, isTakenBy, &Target::record) || std::ranges::any_of(_formerRecords, isTakenBy);
}

bool MessagePushes::isUnsent() const
{
    const auto mayHaveArrived = [](const PushRecord& record) { return record.state == PushState::Accepted || record.unknowns > 0; };
    return std::ranges::none_of(_targets, mayHaveArrived, &Target::record) && std::ranges::none_of(_formerRecords, mayHaveArrived);
}

Outcome MessagePushes::decide(const PostponementDelays& delays, TimePoint now, bool isLast) const
{
    const bool isAllSettled = std::ranges::all_of(_targets, [&](const Target& target) { return isSettled(target.record, isLast); });
    if (!isAllSettled) return decideUnsettled(delays, now, isLast);

    if (isTaken()) return Outcome::ack();

    // An address that failed, now or in an earlier attempt, and is not dead: it was the content.
    for (const Target& target : _targets)
        if (!target.isAnswered || target.result.outcome == PushOutcome::PayloadRefused)
            return Outcome::reject(fmt::format("the push provider refuses the content: {}; correct the message and publish it again",
                                               target.isAnswered ? describe(target.result) : target.record.code))
                .withErrorClass("payload_refused");
    return Outcome::reject("the user has no live push address; it works again when the app has registered one")
        .withErrorClass("unreachable");
}

Outcome MessagePushes::decideUnsettled(const PostponementDelays& delays, TimePoint now, bool isLast) const
{
    // Nobody is pushed to again before the last of the times that were named: one message has one next attempt.
    std::chrono::milliseconds wait{0};
    int unsettled = 0;
    const push::PushResult* counted = nullptr;
    const push::PushResult* uncounted = nullptr;
    for (const Target& target : _targets)
    {
        if (isSettled(target.record, isLast)) continue;
        ++unsettled;
        wait = std::max(wait, delayAfter(target.result, delays));
        (isUncounted(target.result.outcome) ? uncounted : counted) = &target.result;
    }

    const push::PushResult& cause = counted != nullptr ? *counted : *uncounted;
    const std::string reason = fmt::format("push to {} of {} addresses did not end: {}", unsettled, _targets.size(), describe(cause));
    if (counted == nullptr) return Outcome::defer(now + wait, reason).withErrorClass(std::string(toString(cause.outcome)));
    const std::string errorClass = lowerCase(cause.code.empty() ? std::string(toString(cause.outcome)) : cause.code);
    return Outcome::retry(reason, wait.count() > 0 ? std::optional(wait) : std::nullopt).withErrorClass(errorClass);
}

MessagePushes::Counts MessagePushes::counts() const
{
    Counts counts;
    const auto count = [&counts](const PushRecord& record)
    {
        switch (record.state)
        {
        case PushState::Accepted: ++counts.accepted; break;
        case PushState::Failed: ++counts.failed; break;
        case PushState::Unknown: ++counts.unknown; break;
        case PushState::Intent:
        case PushState::Open: ++counts.open; break;
        }
    };
    for (const Target& target : _targets) count(target.record);
    for (const PushRecord& record : _formerRecords) count(record);
    return counts;
}

} // namespace carillon::notification
