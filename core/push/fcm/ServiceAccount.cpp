#include "push/fcm/ServiceAccount.h"

#include "push/fcm/JwtAssertion.h"

#include "carillon/Errors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace carillon::push::fcm
{
namespace
{

constexpr std::size_t largestFile = 64 * 1024;

class Descriptor
{
public:
    explicit Descriptor(int number) : _number(number) {}
    ~Descriptor()
    {
        if (_number >= 0) close(_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return _number; }

private:
    int _number;
};

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why)
{
    throw ConfigurationError(fmt::format("service account file {}: {}", file.string(), why));
}

/// The opened file is judged, not the name: it could be replaced in between.
std::string readSecret(const std::filesystem::path& file)
{
    const Descriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.number() < 0)
        refuse(file, fmt::format("cannot be read: {}; download a key in the Firebase console (Project settings, Service accounts) and set "
                                 "push.fcm.service_account_file to it",
                                 std::strerror(errno)));
    struct stat status = {};
    if (fstat(descriptor.number(), &status) != 0 || !S_ISREG(status.st_mode)) refuse(file, "is not a file; name Google's JSON key");
    const unsigned mode = status.st_mode & 07777;
    // A group may read it: that is how orchestrators mount secrets.
    if ((mode & 0007) != 0 || (mode & 0020) != 0)
        refuse(file, fmt::format("is open to others (mode {:04o}); run: chmod 600 {}", mode, file.string()));

    std::string text;
    char buffer[4096];
    for (;;)
    {
        const ssize_t count = read(descriptor.number(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse(file, fmt::format("cannot be read: {}", std::strerror(errno)));
        if (count == 0) return text;
        text.append(buffer, static_cast<std::size_t>(count));
        if (text.size() > largestFile) refuse(file, "is larger than 64 KiB; that is no service account's key");
    }
}

std::string required(const nlohmann::json& object, const char* name, const std::filesystem::path& file)
{
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
        refuse(file, fmt::format("has no '{}'; download a new key in the Firebase console", name));
    return found->get<std::string>();
}

/// Keys that went through an environment variable often arrive with their line ends escaped once more.
std::string withRealLineEnds(std::string key)
{
    for (std::size_t at = key.find("\\n"); at != std::string::npos; at = key.find("\\n", at + 1)) key.replace(at, 2, "\n");
    return key;
}

} // namespace

ServiceAccount ServiceAccount::load(const std::filesystem::path& file)
{
    const auto json = nlohmann::json::parse(readSecret(file), nullptr, false);
    if (!json.is_object()) refuse(file, "is no JSON object; use the file that Google gave, unchanged");
    const auto type = required(json, "type", file);
    if (type != "service_account")
        // Not quoted unless it is a plain word: a misplaced secret must not show up.
        refuse(file, "is not of type 'service_account' (workload identity federation is not supported); download a service account's key");

    ServiceAccount account;
    account.clientEmail = required(json, "client_email", file);
    account.privateKey = withRealLineEnds(required(json, "private_key", file));
    account.tokenUri = required(json, "token_uri", file);
    account.projectId = required(json, "project_id", file);
    // Google's libraries do without; a token endpoint then tries all keys of the account.
    if (const auto id = json.find("private_key_id"); id != json.end() && id->is_string()) account.privateKeyId = id->get<std::string>();
    if (!account.tokenUri.starts_with("https://"))
        refuse(file, "has a 'token_uri' without https://; download a new key in the Firebase console");
    if (!isUsableKey(account.privateKey))
        refuse(file, "has a 'private_key' that is no unencrypted RSA key in PEM; download a new key in the Firebase console");
    return account;
}

} // namespace carillon::push::fcm
