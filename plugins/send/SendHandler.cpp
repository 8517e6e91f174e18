#include "SendHandler.h"

#include "SendMessage.h"
#include "carillon/Errors.h"

#include <vector>

namespace carillon::send
{

using notification::SendJob;

Outcome SendHandler::handle(const Envelope& envelope, Context& context)
{
    BatchItem item(envelope, context);
    handleBatch(Batch(&item, 1));
    if (item.error()) std::rethrow_exception(item.error());
    return *item.outcome();
}

void SendHandler::handleBatch(Batch batch)
{
    std::vector<SendJob> jobs;
    jobs.reserve(batch.size());
    for (BatchItem& item : batch)
    {
        if (!item.isOpen()) continue;
        try
        {
            jobs.push_back({&item, parseSendMessage(item.envelope())});
        }
        catch (...)
        {
            item.fail(std::current_exception());
        }
    }
    if (!jobs.empty()) _service.send(jobs);
}

void SendHandler::gaveUp(const Envelope& envelope, Context& context, const std::string&)
{
    if (isDryRun(envelope)) return;
    std::string serviceName = envelope.service;
    try
    {
        serviceName = parseSendMessage(envelope).serviceName;
    }
    catch (const PermanentFailure&)
    {
        // It is dead because it cannot be read: the envelope may still say whose it was.
    }
    _service.stageFailure(context.unitOfWork(), envelope.id, serviceName);
}

} // namespace carillon::send
