#pragma once

#include <string>

namespace carillon::notification
{

/// SHA-256 of a push address's value, in lower-case hex: stands for the address in the push ledger, which must not keep a copy of it.
std::string addressHash(const std::string& addressValue);

/// The beginning of that hash, for log lines: enough to follow one device through them, useless for sending to it.
std::string addressFingerprint(const std::string& addressHash);

} // namespace carillon::notification
