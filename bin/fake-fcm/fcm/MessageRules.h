#pragma once

#include "fcm/MessageView.h"

#include <optional>
#include <string>

namespace carillon::fakefcm
{

/// Why the API refuses a message that fits the schema.
struct Rejection
{
    std::string message;
    std::string field;
};

/// The rules that the discovery document does not hold: one target, topic names and conditions, android or androidV2, reserved data keys,
/// time to live, sizes, and those of Google's reference that can be checked without a device. Nothing when all are kept.
///
/// `request` must have passed the schema. What is checked, with its source, is listed in docs/fake-fcm.md.
std::optional<Rejection> brokenRule(const MessageView& view);

} // namespace carillon::fakefcm
