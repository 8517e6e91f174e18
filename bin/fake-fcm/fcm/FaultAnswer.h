#pragma once

#include "fcm/FaultPlan.h"
#include "http/Message.h"

#include <string>

namespace carillon::fakefcm
{

/// The answer a fault scripts; `usualBody` when the fault names neither a body nor an HTML page. Only for replacesAnswer().
Answer scriptedAnswer(const FaultAction& fault, std::string usualBody);

/// The body FCM would give with the fault's status and codes.
std::string fcmErrorBody(const FaultAction& fault);

/// Adds to any answer what the fault does to its transport: delay, cut, padding, interruption, headers.
void disturb(Answer& answer, const FaultAction& fault);

} // namespace carillon::fakefcm
