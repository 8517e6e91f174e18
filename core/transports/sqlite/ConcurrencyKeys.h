#pragma once

#include "sqlite/Session.h"

#include <cstdint>
#include <string>

namespace carillon::transports::sqlite
{

/// One message of a concurrency key is taken at a time, over all queues of the file. One that comes up while another is taken is set aside
/// (State::Blocked), out of the index of what is ready, so that a crowd of one key costs the others nothing.
///
/// The rule that keeps any from being forgotten: in a queue with blocked messages of a key, one of the key is taken (in any queue), or one
/// is ready there. So whoever ends a taken one, or takes a ready one away otherwise, calls freeKey().

bool isKeyTaken(carillon::sqlite::Session& session, const std::string& key);

void block(carillon::sqlite::Session& session, std::int64_t sequence);

/// Makes the best blocked message of the key in each queue ready, and announces that. An empty key is none.
void freeKey(carillon::sqlite::Session& session, const std::string& key);

} // namespace carillon::transports::sqlite
