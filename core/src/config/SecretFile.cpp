#include "config/SecretFile.h"

#include "config/Values.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace carillon::config
{

namespace
{

constexpr std::size_t largestSecret = 64 << 10;

std::string complaint(const std::filesystem::path& file, const struct stat& status)
{
    if (!S_ISREG(status.st_mode)) return fmt::format("secret file '{}' is not a file; name one", file.string());
    const unsigned mode = status.st_mode & 07777;
    if ((mode & 0007) != 0 || (mode & 0020) != 0)
    {
        return fmt::format("secret file '{}' is open to others (mode {:04o}); run: chmod 600 '{}'", file.string(), mode, file.string());
    }
    if (status.st_uid != 0 && status.st_uid != ::geteuid())
    {
        return fmt::format("secret file '{}' belongs to user {}, who could change it; run: chown {} '{}'", file.string(), status.st_uid,
                           ::geteuid(), file.string());
    }
    return {};
}

class OpenFile
{
public:
    explicit OpenFile(const std::filesystem::path& file) : _number(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    {
        if (_number < 0 || ::fstat(_number, &_status) != 0)
        {
            const std::string remedy = errno == ENOENT ? "create it or name another" : "check path and permissions";
            _error = fmt::format("secret file '{}' cannot be read: {}; {}", file.string(), std::strerror(errno), remedy);
            return;
        }
        // The opened file is judged, not the name: it could be replaced in between.
        _error = complaint(file, _status);
    }
    ~OpenFile()
    {
        if (_number >= 0) ::close(_number);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    const std::string& error() const { return _error; }
    int number() const { return _number; }

private:
    int _number;
    struct stat _status = {};
    std::string _error;
};

} // namespace

std::string checkSecretFile(const std::filesystem::path& file) { return OpenFile(file).error(); }

Secret readSecretFile(const std::filesystem::path& file)
{
    const OpenFile opened(file);
    if (!opened.error().empty()) return {std::nullopt, opened.error()};

    std::string text;
    char buffer[4096];
    while (text.size() <= largestSecret)
    {
        const auto count = ::read(opened.number(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return {std::nullopt, fmt::format("secret file '{}' cannot be read: {}", file.string(), std::strerror(errno))};
        if (count == 0) break;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();

    if (text.size() > largestSecret)
        return {std::nullopt, fmt::format("secret file '{}' is larger than 64 KiB; name another", file.string())};
    if (text.empty()) return {std::nullopt, fmt::format("secret file '{}' is empty; write the secret into it", file.string())};
    const bool isOneLine =
        std::none_of(text.begin(), text.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; });
    if (!isOneLine || firstInvalidUtf8(text))
    {
        return {std::nullopt, fmt::format("secret file '{}' must hold one line of UTF-8 text", file.string())};
    }
    return {std::move(text), {}};
}

} // namespace carillon::config
