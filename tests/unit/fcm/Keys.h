#pragma once

#include <string>

namespace carillon::push::fcm
{

/// RSA keys made for these tests by openssl, worth nothing: the same key as PKCS#8, as PKCS#1, and as encrypted PKCS#8; and an EC key.
extern const std::string pkcs8Key;
extern const std::string pkcs1Key;
extern const std::string encryptedKey;
extern const std::string ecKey;

} // namespace carillon::push::fcm
