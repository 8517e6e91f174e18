#pragma once

#include "push/fcm/ServiceAccount.h"

#include "carillon/Clock.h"

#include <string>

namespace carillon::push::fcm
{

/// Whether OpenSSL can read it as an unencrypted RSA key. Never throws, never asks for a passphrase.
bool isUsableKey(const std::string& pem);

/// The signed statement with which a service account asks `audience`, a token endpoint, for an access token for FCM: a JWT (RFC 7523),
/// RS256.
///
/// Issued ten seconds before `now`, as clocks differ and an endpoint refuses what comes from its future; valid for the hour that is
/// allowed. Takes about a millisecond. Throws Error when the key cannot sign; the text holds nothing of the key.
std::string makeAssertion(const ServiceAccount& account, const std::string& audience, TimePoint now);

} // namespace carillon::push::fcm
