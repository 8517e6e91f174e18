// The only file of the plugin that sees the host.
#include "SendHandler.h"
#include "SendMessage.h"

#include "carillon/Plugin.h"

#include <chrono>
#include <memory>

namespace carillon::send
{

namespace
{

void registerSend(Registry& registry)
{
    using namespace std::chrono_literals;

    HandlerOptions options;
    options.schema = sendMessageSchema;
    options.version = 1;
    // 2 s, 4 s, 8 s, then dead. No jitter: those that fail together are put off together by the provider's breaker.
    options.retry = RetryPolicy{.maxRetries = 3, .delay = 2s, .multiplier = 2.0, .maxDelay = 0s, .jitter = 0.0};
    options.timeout = 30s;
    // A push cannot be rolled back: the intents are recorded before it, the results with the decision.
    options.transaction = TransactionKind::Manual;

    registry.add("notification.send", options,
                 [](const Wiring& wiring)
                 { return std::make_unique<SendHandler>(wiring.services.get<notification::NotificationService>()); });
}

} // namespace

} // namespace carillon::send

CARILLON_PLUGIN("send", "1.0.0", carillon::send::registerSend)
