#include "config/Document.h"
#include "config/Values.h"

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

constexpr std::size_t largestSource = 1 << 20;

class Descriptor
{
public:
    explicit Descriptor(const std::filesystem::path& file) : _number(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~Descriptor()
    {
        if (_number >= 0) ::close(_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return _number; }

private:
    int _number;
};

std::string position(const std::string& shownAs, const std::string& text, std::size_t offset)
{
    std::size_t line = 1;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < offset; ++at)
    {
        if (text[at] != '\n') continue;
        ++line;
        begin = at + 1;
    }
    return fmt::format("{}:{}:{}", shownAs, line, offset - begin + 1);
}

std::optional<std::size_t> firstControlCharacter(const std::string& text)
{
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool isLineEnd = byte == '\n' || (byte == '\r' && at + 1 < text.size() && text[at + 1] == '\n');
        if ((byte < 0x20 && byte != '\t' && !isLineEnd) || byte == 0x7F) return at;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> readSource(const std::filesystem::path& file, const std::string& shownAs, std::vector<Problem>& problems)
{
    const auto refuse = [&](std::string place, std::string message)
    {
        problems.push_back({std::move(place), std::move(message)});
        return std::nullopt;
    };

    const Descriptor descriptor(file);
    struct stat status = {};
    if (descriptor.number() < 0 || ::fstat(descriptor.number(), &status) != 0)
    {
        return refuse(shownAs, fmt::format("cannot be read: {}; check path and permissions", std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode)) return refuse(shownAs, "is not a file; name a configuration file");

    std::string text;
    char buffer[8192];
    while (text.size() <= largestSource)
    {
        const auto count = ::read(descriptor.number(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return refuse(shownAs, fmt::format("cannot be read: {}", std::strerror(errno)));
        if (count == 0) break;
        text.append(buffer, static_cast<std::size_t>(count));
    }
    if (text.size() > largestSource) return refuse(shownAs, "is larger than 1 MiB; that is no configuration file");

    if (const auto bad = firstInvalidUtf8(text)) return refuse(position(shownAs, text, *bad), "is not UTF-8; save the file as UTF-8");
    if (const auto bad = firstControlCharacter(text)) return refuse(position(shownAs, text, *bad), "holds a control character; remove it");
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return text;
}

} // namespace carillon::config
