#pragma once

#include "port/DeadLetters.h"
#include "port/Store.h"
#include "port/Transport.h"

#include <functional>
#include <string>
#include <vector>

namespace carillon::publish
{

/// Finds a transport by its configured name; throws when there is none.
using TransportNamed = std::function<port::Transport&(const std::string& name)>;

/// Publishes a dead letter again where it came from, attempt 1, in one transaction with its removal from the dead letters. False when there
/// is none of this id. Throws Error when the transport does not take it, StoreError when the store cannot; nothing was changed then. Blocks
/// for the store.
bool retryDeadLetter(port::Store& store, const TransportNamed& transportNamed, const std::string& id);

/// The ids of all dead letters that match, latest first. Throws StoreError.
std::vector<std::string> deadLetterIds(port::DeadLetters& letters, const port::DeadLetterFilter& filter);

} // namespace carillon::publish
