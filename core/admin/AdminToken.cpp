#include "admin/AdminToken.h"

#include "carillon/Errors.h"
#include "process/FileDescriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

namespace carillon::admin
{
namespace
{

using process::FileDescriptor;

constexpr std::size_t shortestToken = 16;

std::string randomHex()
{
    std::array<unsigned char, 32> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw ConfigurationError("the system gives no random bytes for admin.token; set admin.token_file");
    std::string text;
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason)
{
    throw ConfigurationError(fmt::format("{}: {}", file.string(), reason));
}

[[noreturn]] void refuseWrite(const std::filesystem::path& file)
{
    refuse(file, fmt::format("cannot be written ({}); give this user write access to its folder", std::strerror(errno)));
}

/// A file of our own beside `file`, written and ready to take its name.
std::string writtenBeside(const std::filesystem::path& file, const std::string& line, unsigned mode)
{
    const std::string name = fmt::format("{}.{}.{}", file.string(), getpid(), randomHex().substr(0, 8));
    const std::string text = line + "\n";
    FileDescriptor descriptor(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!descriptor) refuseWrite(file);
    if (write(descriptor.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || fsync(descriptor.get()) != 0)
    {
        const int error = errno;
        unlink(name.c_str());
        errno = error;
        refuseWrite(file);
    }
    return name;
}

std::optional<std::string> existing(const std::filesystem::path& file)
{
    FileDescriptor descriptor(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!descriptor && errno == ENOENT) return {};
    if (!descriptor) refuse(file, fmt::format("cannot be read ({}); remove it, a new one is made", std::strerror(errno)));
    struct stat status
    {
    };
    if (fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) refuse(file, "is no regular file; remove it, a new one is made");
    if (status.st_uid != geteuid() || (status.st_mode & 077) != 0)
        refuse(file, "holds the admin token but others own or can read it; remove it, a new one is made with mode 0600");
    std::array<char, 4096> buffer{};
    const auto length = read(descriptor.get(), buffer.data(), buffer.size());
    std::string token(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    if (token.size() < shortestToken) refuse(file, "holds no token of 16 or more characters; remove it, a new one is made");
    return token;
}

} // namespace

std::string tokenFrom(const std::filesystem::path& file)
{
    if (auto token = existing(file)) return *token;
    const std::string fresh = writtenBeside(file, randomHex(), 0600);
    // A link does not replace what another process put there meanwhile.
    const bool isOurs = link(fresh.c_str(), file.c_str()) == 0 || errno == EEXIST;
    const int error = errno;
    unlink(fresh.c_str());
    errno = error;
    if (!isOurs) refuseWrite(file);
    return existing(file).value();
}

void writeLine(const std::filesystem::path& file, const std::string& line, unsigned mode)
{
    const std::string fresh = writtenBeside(file, line, mode);
    if (rename(fresh.c_str(), file.c_str()) == 0) return;
    const int error = errno;
    unlink(fresh.c_str());
    errno = error;
    refuseWrite(file);
}

} // namespace carillon::admin
