// The key functions of the SDK's classes: here, and only here, their typeinfo and vtables are made.
#include "carillon/Clock.h"
#include "carillon/Errors.h"
#include "carillon/Handler.h"
#include "carillon/Logger.h"
#include "carillon/Middleware.h"
#include "carillon/Registry.h"
#include "carillon/UnitOfWork.h"
#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/NotificationMetricsService.h"
#include "carillon/notification/NotificationRepository.h"
#include "carillon/notification/NotificationService.h"

namespace carillon
{

Clock::~Clock() = default;
LogSink::~LogSink() = default;
StoreSession::~StoreSession() = default;
Registry::~Registry() = default;
Middleware::~Middleware() = default;
Handler::~Handler() = default;

Error::~Error() = default;
PermanentFailure::~PermanentFailure() = default;
RetryableFailure::RetryableFailure(const std::string& reason, std::optional<std::chrono::milliseconds> after) : Error(reason), _after(after)
{
}
RetryableFailure::~RetryableFailure() = default;
InvalidInput::InvalidInput(const std::string& reason, std::string pointer) : Error(reason), _pointer(std::move(pointer)) {}
InvalidInput::~InvalidInput() = default;
ConfigurationError::~ConfigurationError() = default;
TransportError::~TransportError() = default;
StoreError::~StoreError() = default;
StorageFull::~StorageFull() = default;
VersionConflict::~VersionConflict() = default;

void Handler::handleBatch(Batch batch)
{
    for (BatchItem& item : batch)
    {
        if (!item.isOpen()) continue;
        try
        {
            item.context().restartTimeout();
            item.finish(handle(item.envelope(), item.context()));
        }
        catch (...)
        {
            item.fail(std::current_exception());
        }
    }
}

void Handler::gaveUp(const Envelope&, Context&, const std::string&) {}

void Next::operator()(Batch batch) const
{
    if (_first == _last)
        _handler->handleBatch(batch);
    else
        (*_first)->process(batch, Next{_first + 1, _last, *_handler});
}

} // namespace carillon

namespace carillon::notification
{

NotificationService::~NotificationService() = default;
NotificationRepository::~NotificationRepository() = default;
DeviceRegistry::~DeviceRegistry() = default;
NotificationMetricsService::~NotificationMetricsService() = default;

} // namespace carillon::notification
