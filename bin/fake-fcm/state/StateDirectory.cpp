#include "state/StateDirectory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace carillon::fakefcm
{

namespace
{

using Json = nlohmann::ordered_json;

std::string contentOf(const std::filesystem::path& file)
{
    const std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    if (in) out << in.rdbuf();
    return out.str();
}

void writeWhole(const std::filesystem::path& file, const std::string& content, mode_t mode)
{
    std::filesystem::path draft = file;
    draft += ".new";
    unlink(draft.c_str());
    const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    std::size_t written = 0;
    while (fd >= 0 && written < content.size())
    {
        const ssize_t count = write(fd, content.data() + written, content.size() - written);
        if (count < 0 && errno != EINTR) break;
        if (count > 0) written += static_cast<std::size_t>(count);
    }
    const int error = errno;
    const bool closed = fd >= 0 && close(fd) == 0;
    if (!closed || written < content.size() || rename(draft.c_str(), file.c_str()) != 0)
        throw std::runtime_error(
            fmt::format("cannot write {}: {}; give a folder of your own with --state", file.string(), std::strerror(error)));
}

Key keyFromServiceAccount(const std::filesystem::path& file)
{
    const Json account = Json::parse(contentOf(file), nullptr, false);
    if (!account.is_object() || !account.contains("private_key") || !account.at("private_key").is_string()) return {nullptr, nullptr};
    return privateKeyFromPem(account.at("private_key").get<std::string>());
}

} // namespace

StateDirectory::StateDirectory(std::filesystem::path folder) : _folder(std::filesystem::absolute(std::move(folder)))
{
    std::error_code error;
    if (std::filesystem::create_directories(_folder, error)) std::filesystem::permissions(_folder, std::filesystem::perms::owner_all);
    if (error) throw std::runtime_error(fmt::format("cannot make the state folder {}: {}", _folder.string(), error.message()));

    const std::filesystem::path lockFile = _folder / "lock";
    _lock = open(lockFile.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (_lock < 0)
        throw std::runtime_error(
            fmt::format("cannot open {}: {}; give a folder of your own with --state", lockFile.string(), std::strerror(errno)));
    if (flock(_lock, LOCK_EX | LOCK_NB) != 0)
    {
        close(_lock);
        throw std::runtime_error(
            fmt::format("another carillon-fake-fcm uses {}; stop it or give another folder with --state", _folder.string()));
    }
    unlink(readyFile().c_str());

    if (!isUsable(contentOf(authorityFile()), contentOf(certificateFile())) || !privateKeyFromPem(contentOf(keyFile())))
    {
        const ServerIdentity identity = makeServerIdentity();
        writeWhole(keyFile(), identity.key, 0600);
        writeWhole(certificateFile(), identity.certificate, 0644);
        writeWhole(authorityFile(), identity.authority, 0644);
    }
}

StateDirectory::~StateDirectory()
{
    unlink(readyFile().c_str());
    close(_lock);
}

ServiceAccount StateDirectory::writeServiceAccount(const std::string& project, const std::string& endpoint) const
{
    ServiceAccount account;
    account.key = keyFromServiceAccount(serviceAccountFile());
    if (!account.key) account.key = makeServiceAccountKey();
    account.clientEmail = fmt::format("carillon-fake@{}.iam.gserviceaccount.com", project);
    account.privateKeyId = keyId(account.key.get());
    account.tokenUri = endpoint + "/token";

    const Json file = {
        {"type", "service_account"},
        {"project_id", project},
        {"private_key_id", account.privateKeyId},
        {"private_key", privateKeyPem(account.key.get())},
        {"client_email", account.clientEmail},
        {"client_id", "100000000000000000001"},
        {"auth_uri", endpoint + "/auth"},
        {"token_uri", account.tokenUri},
        {"auth_provider_x509_cert_url", endpoint + "/oauth2/v1/certs"},
        {"client_x509_cert_url", endpoint + "/robot/v1/metadata/x509/" + account.clientEmail},
        {"universe_domain", "googleapis.com"},
    };
    writeWhole(serviceAccountFile(), file.dump(2) + "\n", 0600);
    return account;
}

void StateDirectory::writeReady(const std::string& endpoint, const std::string& adminEndpoint, const std::string& project) const
{
    const Json ready = {
        {"endpoint", endpoint},
        {"admin", adminEndpoint},
        {"project", project},
        {"pid", getpid()},
        {"caFile", authorityFile().string()},
        {"serviceAccountFile", serviceAccountFile().string()},
    };
    writeWhole(readyFile(), ready.dump(2) + "\n", 0644);
}

} // namespace carillon::fakefcm
