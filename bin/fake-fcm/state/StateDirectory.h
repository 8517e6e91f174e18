#pragma once

#include "state/Keys.h"

#include <filesystem>
#include <string>

namespace carillon::fakefcm
{

/// Who may ask for access tokens, as a client's service-account file says it.
struct ServiceAccount
{
    std::string clientEmail;
    std::string privateKeyId;
    std::string tokenUri;
    Key key{nullptr, nullptr};
};

/// The folder that outlives runs: certificates and the service account's key are made once and used again, so that a client which
/// trusts them goes on trusting after a restart. One process at a time.
///
/// Functions throw std::runtime_error that names the file and the remedy.
class StateDirectory
{
public:
    /// Makes the folder (0700) when missing, locks it, and makes or reuses the certificates.
    explicit StateDirectory(std::filesystem::path folder);

    /// Removes ready.json: nobody answers there any more.
    ~StateDirectory();
    StateDirectory(const StateDirectory&) = delete;
    StateDirectory& operator=(const StateDirectory&) = delete;

    std::filesystem::path authorityFile() const { return _folder / "ca.pem"; }
    std::filesystem::path certificateFile() const { return _folder / "server.pem"; }
    std::filesystem::path keyFile() const { return _folder / "server-key.pem"; }
    std::filesystem::path serviceAccountFile() const { return _folder / "service-account.json"; }
    std::filesystem::path readyFile() const { return _folder / "ready.json"; }

    /// Writes service-account.json (0600) for this endpoint; its key is reused when the file already holds one.
    ServiceAccount writeServiceAccount(const std::string& project, const std::string& endpoint) const;

    /// Writes ready.json, whole or not at all. Whoever finds it may connect.
    void writeReady(const std::string& endpoint, const std::string& adminEndpoint, const std::string& project) const;

private:
    std::filesystem::path _folder;
    int _lock = -1;
};

} // namespace carillon::fakefcm
