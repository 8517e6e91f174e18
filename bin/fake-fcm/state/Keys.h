#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

namespace carillon::fakefcm
{

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

/// What the server shows and proves; all PEM. The authority's own key is thrown away: it signs this one certificate only.
struct ServerIdentity
{
    std::string authority;
    std::string certificate;
    std::string key;
};

/// A new authority, and a certificate by it for localhost, 127.0.0.1 and ::1. Throws std::runtime_error when OpenSSL fails.
ServerIdentity makeServerIdentity();

/// True when both PEM texts can be read and the certificate is by the authority and valid for another day.
bool isUsable(const std::string& authorityPem, const std::string& certificatePem);

/// A new RSA key of 2048 bits, as service accounts have.
Key makeServiceAccountKey();

/// PKCS#8 PEM, and back; a null key when the text is not a private key.
std::string privateKeyPem(EVP_PKEY* key);
Key privateKeyFromPem(const std::string& pem);

/// A short name of the key, the same whenever the key is the same: 40 hex digits.
std::string keyId(EVP_PKEY* key);

/// Whether `signature` is RSASSA-PKCS1-v1_5 with SHA-256 of `text` by `key`.
bool isSignedBy(EVP_PKEY* key, const std::string& text, const std::string& signature);

} // namespace carillon::fakefcm
