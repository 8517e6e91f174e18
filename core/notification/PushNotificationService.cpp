#include "notification/PushNotificationService.h"

#include "carillon/Errors.h"
#include "carillon/notification/NotificationRepository.h"
#include "notification/AddressHash.h"
#include "notification/DataMap.h"
#include "notification/StatusUpdate.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace carillon::notification
{

using port::PushRecord;
using port::PushState;

/// One job on its way through send().
struct PushNotificationService::Sending
{
    SendJob* job;
    std::map<std::string, std::string> data;
    MessagePushes pushes;

    const Envelope& envelope() const { return job->item->envelope(); }
    Context& context() const { return job->item->context(); }
    bool isDryRun() const { return job->request.isDryRun; }
};

namespace
{

/// FCM and APNs take 64 bytes; a message id that is longer is represented by the id that is made from it.
std::string tagFor(const std::string& messageId)
{
    constexpr std::size_t longest = 64;
    return messageId.size() <= longest ? messageId : notificationIdFor(messageId);
}

void requireText(const std::string& text, const char* key)
{
    if (text.empty())
        throw ConfigurationError(fmt::format("notification.{} is empty: a push without words shows nothing; give it a neutral one", key));
}

LogLevel levelOf(Outcome::Kind kind)
{
    switch (kind)
    {
    case Outcome::Kind::Ack: return LogLevel::Information;
    case Outcome::Kind::Defer: return LogLevel::Notice;
    default: return LogLevel::Warning;
    }
}

} // namespace

PushNotificationService::PushNotificationService(Collaborators collaborators, PushNotificationOptions options)
    : _with(std::move(collaborators)),
      _options(std::move(options))
{
    requireText(_options.alert.title, "alert.title");
    requireText(_options.alert.body, "alert.body");
    requireText(_options.reminder.title, "reminder.title");
    requireText(_options.reminder.body, "reminder.body");
    requireText(_options.info.title, "info.title");
    requireText(_options.info.body, "info.body");
}

void PushNotificationService::send(std::span<SendJob> jobs)
{
    std::vector<Sending> sendings = prepare(jobs);
    reserve(sendings);
    recordIntents(sendings);
    push(sendings);
    for (Sending& sending : sendings) conclude(sending);
}

std::vector<PushNotificationService::Sending> PushNotificationService::prepare(std::span<SendJob> jobs)
{
    struct Acceptable
    {
        SendJob* job;
        std::map<std::string, std::string> data;
    };
    std::vector<Acceptable> acceptable;
    std::vector<std::string> userIds;
    std::vector<std::string> messageIds;
    for (SendJob& job : jobs)
    {
        std::map<std::string, std::string> data;
        if (!isAcceptable(job, data)) continue;
        userIds.push_back(job.request.userId);
        if (!job.request.isDryRun) messageIds.push_back(job.item->envelope().id);
        acceptable.push_back({&job, std::move(data)});
    }
    if (acceptable.empty()) return {};
    std::ranges::sort(userIds);
    userIds.erase(std::ranges::unique(userIds).begin(), userIds.end());

    const auto addresses = _with.devices.addressesOf(userIds);
    std::map<std::string, std::vector<PushRecord>> records;
    if (!messageIds.empty()) records = _with.pushLedger.recordsOf(messageIds);

    std::vector<Sending> sendings;
    sendings.reserve(acceptable.size());
    for (auto& [job, data] : acceptable)
    {
        const std::string& messageId = job->item->envelope().id;
        // What was pushed before counts, even if the user has been removed meanwhile. A dry run has no past.
        const auto found = job->request.isDryRun ? records.end() : records.find(messageId);
        const auto known = addresses.find(job->request.userId);
        if (known == addresses.end() && found == records.end())
        {
            reject(*job, "the user is not known; register the user or a device, then retry the message", "unknown_user");
            continue;
        }
        sendings.push_back({job, std::move(data),
                            MessagePushes(messageId, job->request.type, known == addresses.end() ? std::vector<Address>{} : known->second,
                                          found == records.end() ? std::vector<PushRecord>{} : found->second)});
    }
    return sendings;
}

bool PushNotificationService::isAcceptable(SendJob& job, std::map<std::string, std::string>& data) const
{
    if (!isKnownService(job.request.serviceName))
    {
        reject(job,
               fmt::format("serviceName is none of {}; correct the message, or add it to notification.services",
                           fmt::join(_options.services, ", ")),
               "unknown_service");
        return false;
    }
    try
    {
        data = flattenData(job.request.data);
        return true;
    }
    catch (const PermanentFailure& failure)
    {
        reject(job, failure.what(), "invalid_data");
        return false;
    }
}

void PushNotificationService::reserve(std::vector<Sending>& sendings)
{
    std::vector<port::RateRequest> requests;
    std::vector<Sending*> limited;
    for (Sending& sending : sendings)
    {
        const SendRequest& request = sending.job->request;
        if (request.isDryRun || request.isDoseReminder || !sending.pushes.hasDue()) continue;
        requests.push_back({request.userId, sending.envelope().id});
        limited.push_back(&sending);
    }
    if (requests.empty()) return;

    const TimePoint now = _with.clock.now();
    const std::vector<TimePoint> moments = _with.rateLimiter.reserve(requests, _options.rateLimit, now);
    for (std::size_t index = 0; index < limited.size(); ++index)
    {
        if (moments[index] <= now) continue;
        SendJob& job = *limited[index]->job;
        UnitOfWork& work = job.item->context().unitOfWork();
        if (!limited[index]->pushes.isKnownToLedger()) _with.notifications.stageInsert(work, notificationFor(job));
        TimePoint until = moments[index];
        if (const auto expiresAt = job.item->envelope().expiresAt; expiresAt && until >= *expiresAt)
        {
            // It will have expired by then: the place is somebody else's.
            until = *expiresAt;
            _with.rateLimiter.stageRelease(work, job.item->envelope().id);
        }
        const auto seconds = std::chrono::duration<double>(_options.rateLimit.window).count();
        finish(job,
               Outcome::defer(until, fmt::format("rate limit: {} in {} s for one user, next at {}", _options.rateLimit.permits, seconds,
                                                 toRfc3339(until)))
                   .withErrorClass("rate_limit"),
               limited[index]->pushes.counts());
    }
    std::erase_if(sendings, [](const Sending& sending) { return !sending.job->item->isOpen(); });
}

void PushNotificationService::recordIntents(std::vector<Sending>& sendings)
{
    const TimePoint now = _with.clock.now();
    UnitOfWork work;
    std::vector<PushRecord> records;
    for (Sending& sending : sendings)
    {
        if (!sending.pushes.hasDue()) continue;
        std::vector<PushRecord> intents = sending.pushes.intents(now);
        if (sending.isDryRun()) continue;
        // Notification and first intents are one transaction, so a message that the ledger knows has its notification.
        if (!sending.pushes.isKnownToLedger()) _with.notifications.stageInsert(work, notificationFor(*sending.job));
        std::ranges::move(intents, std::back_inserter(records));
    }
    if (records.empty()) return;
    _with.pushLedger.stageWrite(work, std::move(records));
    _with.ledger.commit(work, {}, nullptr);
}

void PushNotificationService::push(std::vector<Sending>& sendings)
{
    struct Origin
    {
        Sending* sending;
        std::size_t target;
    };
    std::vector<push::PushRequest> requests;
    std::vector<Origin> origins;
    std::optional<SteadyPoint> earliest;
    for (Sending& sending : sendings)
    {
        for (std::size_t target = 0; target < sending.pushes.size(); ++target)
        {
            if (!sending.pushes[target].isDue) continue;
            requests.push_back(requestFor(sending, sending.pushes[target].address));
            origins.push_back({&sending, target});
            earliest = std::min(earliest.value_or(sending.context().deadline()), sending.context().deadline());
        }
    }
    if (requests.empty()) return;

    // A handler with little time keeps most of it for the push.
    const SteadyPoint::duration left = *earliest - _with.clock.steady();
    const SteadyPoint deadline =
        *earliest - std::min<SteadyPoint::duration>(_options.timeToSettle, std::max(left / 5, SteadyPoint::duration::zero()));
    _with.provider.push(requests, deadline,
                        [&](std::size_t index, push::PushResult result)
                        {
                            auto& [sending, target] = origins[index];
                            const MessagePushes::Target& pushed = sending->pushes[target];
                            _with.logger.debug("pushed", {{"id", sending->envelope().id},
                                                          {"attempt", sending->envelope().attempt},
                                                          {"address", addressFingerprint(pushed.record.addressHash)},
                                                          {"outcome", toString(result.outcome)},
                                                          {"code", result.code},
                                                          {"status", result.httpStatus}});
                            sending->pushes.answer(target, std::move(result), _with.clock.now());
                        });

    // A provider that breaks its promise must not cost a patient a second push, nor a message its end.
    for (auto& [sending, target] : origins)
        if (!sending->pushes[target].isAnswered)
            sending->pushes.answer(target, {push::PushOutcome::Ambiguous, {}, "no_answer", 0, {}, {}}, _with.clock.now());
}

void PushNotificationService::conclude(Sending& sending)
{
    const Envelope& envelope = sending.envelope();
    const TimePoint now = _with.clock.now();
    const bool isLast = envelope.attempt >= sending.context().maxAttempts();
    Outcome outcome = sending.pushes.decide(_options.delays, now, isLast);
    if (outcome.kind() == Outcome::Kind::Defer && envelope.expiresAt && *outcome.until() > *envelope.expiresAt)
        outcome = Outcome::defer(*envelope.expiresAt, outcome.reason()).withErrorClass(outcome.errorClass());

    if (!sending.isDryRun()) stageResults(sending, outcome, now);
    finish(*sending.job, std::move(outcome), sending.pushes.counts());
}

void PushNotificationService::stageResults(Sending& sending, const Outcome& outcome, TimePoint now)
{
    const SendRequest& request = sending.job->request;
    const std::string& messageId = sending.envelope().id;
    UnitOfWork& work = sending.context().unitOfWork();
    MessagePushes& pushes = sending.pushes;

    if (pushes.size() == 0 && !pushes.isKnownToLedger()) _with.notifications.stageInsert(work, notificationFor(*sending.job));
    if (auto records = pushes.changedRecords(); !records.empty()) _with.pushLedger.stageWrite(work, std::move(records));

    for (std::size_t index = 0; index < pushes.size(); ++index)
    {
        const MessagePushes::Target& target = pushes[index];
        if (!target.isAnswered || target.result.outcome != push::PushOutcome::AddressDead) continue;
        _with.devices.stageRemoval(work, request.userId, target.address, target.result.code, target.sentAt);
        _with.logger.notice("dead address goes",
                            {{"id", messageId}, {"address", addressFingerprint(target.record.addressHash)}, {"code", target.result.code}});
    }

    if (const auto sentAt = pushes.becameSentAt())
    {
        _with.notifications.stageStatus(work, messageId, NotificationStatus::Sent, sentAt);
        work.publish(statusUpdate(messageId, request.serviceName, NotificationStatus::Sent, sentAt));
    }

    if (request.isDoseReminder) return;
    if (pushes.hasSpent())
        _with.rateLimiter.stageSpent(work, messageId, now);
    else if (outcome.kind() == Outcome::Kind::Defer && pushes.isUnsent())
        // Put off for who knows how long: the user's other messages need not wait for it.
        _with.rateLimiter.stageRelease(work, messageId);
}

void PushNotificationService::stageFailure(UnitOfWork& work, const std::string& messageId, const std::string& serviceName)
{
    const std::string ids[] = {messageId};
    auto found = _with.pushLedger.recordsOf(ids);
    std::vector<PushRecord>& records = found[messageId];

    // With a stage, this is the end of an attempt that ran: the stage holds its results, and the intents in the ledger are its own.
    // Without one the attempt was interrupted, and what was intended may have been sent.
    const bool isInterrupted = work.isEmpty();
    std::erase_if(records, [&](const PushRecord& record) { return record.state == PushState::Intent && !isInterrupted; });
    std::vector<PushRecord> interrupted;
    for (const PushRecord& record : records)
    {
        if (record.state != PushState::Intent) continue;
        interrupted.push_back(record);
        interrupted.back().state = PushState::Unknown;
        interrupted.back().code = "interrupted";
        ++interrupted.back().unknowns;
    }

    const bool becomesSent = std::ranges::any_of(work.followUps(), [id = statusUpdateId(messageId, NotificationStatus::Sent)](
                                                                       const Envelope& followUp) { return followUp.id == id; });
    const bool wasSent = std::ranges::any_of(records, [](const PushRecord& record) { return record.state == PushState::Accepted; });

    if (interrupted.empty())
        _with.rateLimiter.stageRelease(work, messageId);
    else
    {
        _with.rateLimiter.stageSpent(work, messageId, _with.clock.now());
        _with.pushLedger.stageWrite(work, std::move(interrupted));
    }

    if (becomesSent || wasSent)
    {
        _with.logger.notice("given up, but some address had accepted it: the notification stays sent", {{"id", messageId}});
        return;
    }
    _with.notifications.stageStatus(work, messageId, NotificationStatus::Failed, std::nullopt);
    // Without a service there is nobody to tell: such a message never was a notification of ours.
    if (isKnownService(serviceName)) work.publish(statusUpdate(messageId, serviceName, NotificationStatus::Failed, std::nullopt));
    _with.logger.warning("given up: the notification has failed", {{"id", messageId}});
}

void PushNotificationService::reject(SendJob& job, const std::string& reason, const std::string& errorClass) const
{
    if (!job.request.isDryRun && isKnownService(job.request.serviceName))
        _with.notifications.stageInsert(job.item->context().unitOfWork(), notificationFor(job));
    finish(job, Outcome::reject(reason).withErrorClass(errorClass), {});
}

push::PushRequest PushNotificationService::requestFor(const Sending& sending, const Address& address) const
{
    const SendRequest& request = sending.job->request;
    const NeutralText& neutral = neutralText(request.type);
    const bool isGiven = _options.pushText == PushText::AsGiven;

    push::PushRequest result;
    result.addressKind = address.kind;
    result.address = address.value;
    result.title = isGiven && !request.title.empty() ? request.title : neutral.title;
    result.body = isGiven && !request.body.empty() ? request.body : neutral.body;
    result.data = sending.data;
    result.tag = tagFor(sending.envelope().id);
    result.isUrgent = request.type != NotificationType::Info;
    result.expiresAt = sending.envelope().expiresAt;
    result.traceParent = sending.context().traceParent();
    result.isDryRun = request.isDryRun;
    return result;
}

Notification PushNotificationService::notificationFor(const SendJob& job) const
{
    const SendRequest& request = job.request;
    Notification notification;
    notification.messageId = job.item->envelope().id;
    notification.id = notificationIdFor(notification.messageId);
    notification.userId = request.userId;
    notification.type = request.type;
    notification.title = request.title;
    notification.body = request.body;
    notification.data = request.data;
    notification.serviceName = request.serviceName;
    notification.createdAt = _with.clock.now();
    return notification;
}

const NeutralText& PushNotificationService::neutralText(NotificationType type) const
{
    switch (type)
    {
    case NotificationType::Alert: return _options.alert;
    case NotificationType::Reminder: return _options.reminder;
    case NotificationType::Info: break;
    }
    return _options.info;
}

bool PushNotificationService::isKnownService(const std::string& name) const
{
    return std::ranges::find(_options.services, name) != _options.services.end();
}

void PushNotificationService::finish(SendJob& job, Outcome outcome, const MessagePushes::Counts& counts) const
{
    const Envelope& envelope = job.item->envelope();
    _with.logger.log(levelOf(outcome.kind()), job.request.isDryRun ? "dry run" : "notification",
                     {{"id", envelope.id},
                      {"attempt", envelope.attempt},
                      {"outcome", toString(outcome.kind())},
                      {"error", outcome.errorClass()},
                      {"reason", outcome.reason()},
                      {"accepted", counts.accepted},
                      {"failed", counts.failed},
                      {"unknown", counts.unknown},
                      {"open", counts.open}});
    job.item->finish(std::move(outcome));
}

} // namespace carillon::notification
