#pragma once

#include "notification/AddressHash.h"
#include "notification/PushNotificationService.h"
#include "notification/StatusUpdate.h"
#include "support/notification/ManualClock.h"
#include "support/notification/MemoryStore.h"
#include "support/notification/RecordedLog.h"
#include "support/notification/ScriptedPushProvider.h"

#include "carillon/Batch.h"

#include <memory>
#include <string>
#include <vector>

namespace carillon::tests
{

using namespace std::chrono_literals;
using notification::Address;
using notification::NotificationStatus;
using notification::NotificationType;
using push::PushOutcome;

inline std::string textOf(Outcome::Kind kind) { return std::string(toString(kind)); }

inline push::PushResult answer(PushOutcome outcome, std::string code = {}, std::optional<std::chrono::milliseconds> retryAfter = {})
{
    return {outcome, outcome == PushOutcome::Accepted ? "projects/p/messages/1" : "", std::move(code), 0, retryAfter, {}};
}

inline notification::PushNotificationOptions benchOptions()
{
    notification::PushNotificationOptions options;
    options.alert = {"Message important", "Ouvrez l’application."};
    options.reminder = {"Rappel", "Vous avez un rappel."};
    options.info = {"Information", "Un message vous attend."};
    return options;
}

/// The service over ports of memory, and what the engine does around it: a delivery, its context, the deciding transaction.
struct ServiceBench
{
    ManualClock clock;
    RecordedLog log;
    MemoryNotifications notifications;
    MemoryDevices devices;
    MemoryLedger store;
    MemoryPushLedger ledger;
    MemoryRateLimiter limiter;
    ScriptedPushProvider provider;
    notification::PushNotificationService service;
    /// Follow-ups of applied decisions, by id as transports keep them; and how often each was published.
    std::map<std::string, Envelope> published;
    std::map<std::string, int> publications;

    explicit ServiceBench(notification::PushNotificationOptions options = benchOptions())
        : service({notifications, devices, store, ledger, limiter, provider, clock, Logger(log, "notification")}, std::move(options))
    {
    }

    void addDevice(const std::string& userId, const std::string& token)
    {
        devices.put(userId, Address{"token", token, "android", "carnet", clock.now() - 24h});
    }

    /// One delivery of one message, from the handler's start to the decision or the crash.
    struct Delivery
    {
        Envelope envelope;
        std::unique_ptr<Context> context;
        std::unique_ptr<BatchItem> item;
        notification::SendRequest request;

        const Outcome& outcome() const { return *item->outcome(); }
        std::string kind() const { return textOf(outcome().kind()); }
    };

    Delivery deliveryOf(const std::string& messageId, const notification::SendRequest& request, int attempt = 1)
    {
        Delivery delivery;
        delivery.envelope.id = messageId;
        delivery.envelope.type = "notification.send";
        delivery.envelope.attempt = attempt;
        delivery.request = request;
        delivery.context = std::make_unique<Context>(clock, contextLogger, clock.steady() + 30s, false, 4);
        return delivery;
    }

    /// Handles deliveries as one batch; nothing is applied.
    void handle(std::vector<Delivery>& deliveries)
    {
        std::vector<notification::SendJob> jobs;
        for (Delivery& delivery : deliveries)
        {
            delivery.item = std::make_unique<BatchItem>(delivery.envelope, *delivery.context);
            jobs.push_back({delivery.item.get(), delivery.request});
        }
        service.send(jobs);
    }

    Delivery handle(Delivery delivery)
    {
        std::vector<Delivery> one;
        one.push_back(std::move(delivery));
        handle(one);
        return std::move(one.front());
    }

    /// The deciding transaction of the engine: the stage is applied whatever the handler answered.
    void decide(Delivery& delivery)
    {
        UnitOfWork& work = delivery.context->unitOfWork();
        applyTo(work);
        for (const Envelope& followUp : work.followUps())
        {
            published.insert_or_assign(followUp.id, followUp);
            ++publications[followUp.id];
        }
    }

    /// What the engine does when no attempt is left, or the message was rejected.
    void giveUpAndDecide(Delivery& delivery)
    {
        service.stageFailure(delivery.context->unitOfWork(), delivery.envelope.id, delivery.request.serviceName);
        decide(delivery);
    }

    /// A whole delivery that ends well for the worker: handled and decided.
    Delivery deliver(const std::string& messageId, const notification::SendRequest& request, int attempt = 1)
    {
        Delivery delivery = handle(deliveryOf(messageId, request, attempt));
        if (delivery.outcome().kind() == Outcome::Kind::Reject)
            giveUpAndDecide(delivery);
        else
            decide(delivery);
        return delivery;
    }

    /// A worker that dies after the push and before the decision: its results are lost.
    void deliverAndCrashBeforeDecision(const std::string& messageId, const notification::SendRequest& request)
    {
        handle(deliveryOf(messageId, request));
    }

    std::string statusOf(const std::string& messageId)
    {
        const auto found = notifications.findByMessageId(messageId);
        return found ? std::string(toString(found->status)) : "none";
    }

    std::size_t pushesTo(const std::string& token) const
    {
        return static_cast<std::size_t>(
            std::ranges::count_if(provider.pushed, [&](const push::PushRequest& request) { return request.address == token; }));
    }

    port::PushRecord recordOf(const std::string& messageId, const std::string& token)
    {
        for (const auto& record : ledger.of(messageId))
            if (record.addressHash == notification::addressHash(token)) return record;
        return {};
    }

    std::string stateOf(const std::string& messageId, const std::string& token)
    {
        return std::string(toString(recordOf(messageId, token).state));
    }

    int updatesOf(const std::string& messageId, NotificationStatus status)
    {
        return publications[notification::statusUpdateId(messageId, status)];
    }

    Logger contextLogger;
};

inline notification::SendRequest requestTo(const std::string& userId, NotificationType type = NotificationType::Alert)
{
    return {
        .userId = userId, .type = type, .title = "Glycémie", .body = "Votre mesure est prête.", .data = "{}", .serviceName = "diabetes"};
}

} // namespace carillon::tests
