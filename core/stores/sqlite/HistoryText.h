#pragma once

#include "carillon/Envelope.h"
#include "port/Ledger.h"

#include <string>
#include <string_view>

namespace carillon::stores::sqlite
{

/// What is kept as JSON in a column, so that the sqlite3 shell can read it. Bytes that are no UTF-8 become U+FFFD. An empty text reads as
/// empty; throws StoreError for a text that is not ours.
std::string textOf(const port::FailureHistory& history);
port::FailureHistory historyFrom(std::string_view text);

std::string textOf(const Headers& headers);
Headers headersFrom(std::string_view text);

} // namespace carillon::stores::sqlite
