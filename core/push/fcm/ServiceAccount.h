#pragma once

#include <filesystem>
#include <string>

namespace carillon::push::fcm
{

/// Google's JSON key of a service account, as far as it is needed to ask for access tokens.
///
/// The private key is a secret: no error text and no log holds it or a part of it.
struct ServiceAccount
{
    std::string projectId;
    std::string clientEmail;
    std::string privateKeyId;
    /// PEM, PKCS#8 or PKCS#1, with real line ends.
    std::string privateKey;
    std::string tokenUri;

    /// Reads and checks the file. Throws ConfigurationError that names the file, what is wrong with it and the remedy: not there, not a
    /// regular file, open to others, larger than 64 KiB, no JSON, not of type `service_account`, a member missing, or a key that OpenSSL
    /// cannot read.
    static ServiceAccount load(const std::filesystem::path& file);
};

} // namespace carillon::push::fcm
