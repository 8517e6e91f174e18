#pragma once

#include "carillon/Handler.h"
#include "carillon/notification/NotificationService.h"

namespace carillon::send
{

/// Delivers one notification to all devices of one user. Repeats are harmless: the service remembers by message id what was sent.
/// A batch is pushed together over one connection's streams. One instance serves all threads of a worker.
class SendHandler final : public Handler
{
public:
    explicit SendHandler(notification::NotificationService& service) : _service(service) {}

    Outcome handle(const Envelope& envelope, Context& context) override;
    void handleBatch(Batch batch) override;
    void gaveUp(const Envelope& envelope, Context& context, const std::string& reason) override;

private:
    notification::NotificationService& _service;
};

} // namespace carillon::send
