#pragma once

#include "carillon/Envelope.h"
#include "carillon/notification/NotificationService.h"

namespace carillon::send
{

/// Reads a `notification.send` message: its body, and the headers that ask for a dry run or mark a dose reminder.
/// The schema has been checked at the publishing door and by the worker; what is wrong all the same throws PermanentFailure,
/// naming the field and never its content.
notification::SendRequest parseSendMessage(const Envelope& envelope);

/// True when the publisher asked for a dry run: nothing is stored about such a message, whatever becomes of it.
bool isDryRun(const Envelope& envelope);

/// The schema of the body, JSON Schema draft-07.
extern const char* const sendMessageSchema;

} // namespace carillon::send
