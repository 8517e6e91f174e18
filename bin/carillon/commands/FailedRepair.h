#pragma once

#include "commands/CommandAssembly.h"

#include <string>
#include <vector>

namespace carillon::commands
{

/// Publishes a dead letter again, attempt 1, in one transaction with its removal from the dead letters. False when there is none of this id.
/// Throws InvalidInput when the message is no longer accepted, StoreError when nothing was changed.
bool retryLetter(compose::Assembly& assembly, const std::string& id);

/// The ids of all letters that match, latest first.
std::vector<std::string> matchingIds(compose::Assembly& assembly, const std::string& transport, const std::string& type);

} // namespace carillon::commands
