#include "process/Handover.h"

#include "process/ChildRuntime.h"
#include "process/Errno.h"

#include <charconv>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>

namespace carillon::process
{
namespace
{

using metrics::Role;

constexpr int fullSeal = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

Role roleFrom(const std::string& name)
{
    for (const auto role : {Role::Admin, Role::Clerk, Role::Worker})
        if (name == metrics::toString(role)) return role;
    throw std::invalid_argument(fmt::format("unknown role '{}'", name));
}

template <typename Number>
Number numberFrom(const std::map<std::string, std::string>& values, const std::string& key)
{
    const auto found = values.find(key);
    if (found == values.end()) throw std::invalid_argument(fmt::format("'{}=' is missing", key));
    Number number{};
    const char* end = found->second.data() + found->second.size();
    const auto [stop, error] = std::from_chars(found->second.data(), end, number);
    if (error != std::errc{} || stop != end) throw std::invalid_argument(fmt::format("'{}={}' is no number", key, found->second));
    return number;
}

} // namespace

std::vector<std::string> Handover::commandLine(const std::string& programName) const
{
    return {programName,
            childCommand,
            fmt::format("role={}", metrics::toString(identity.role)),
            fmt::format("group={}", identity.group),
            fmt::format("index={}", identity.index),
            fmt::format("generation={}", identity.generation),
            fmt::format("master={}", masterPid),
            fmt::format("nice={}", nice),
            fmt::format("boards={}", boards),
            fmt::format("beat_ms={}", heartbeatInterval.count()),
            fmt::format("drain_ms={}", drainTimeout.count())};
}

Handover Handover::parse(std::span<char* const> words)
{
    if (words.size() < 2 || std::string_view(words[1]) != childCommand) throw std::invalid_argument("not a child's command line");
    std::map<std::string, std::string> values;
    for (const std::string word : words.subspan(2))
    {
        const auto equals = word.find('=');
        if (equals == std::string::npos) throw std::invalid_argument(fmt::format("'{}' is no key=value", word));
        values[word.substr(0, equals)] = word.substr(equals + 1);
    }

    Handover handover;
    handover.identity = {roleFrom(values["role"]), values["group"], numberFrom<std::uint32_t>(values, "index"),
                         numberFrom<std::uint64_t>(values, "generation")};
    handover.masterPid = numberFrom<std::uint32_t>(values, "master");
    handover.nice = numberFrom<int>(values, "nice");
    handover.boards = numberFrom<std::uint32_t>(values, "boards");
    handover.heartbeatInterval = std::chrono::milliseconds(numberFrom<std::int64_t>(values, "beat_ms"));
    handover.drainTimeout = std::chrono::milliseconds(numberFrom<std::int64_t>(values, "drain_ms"));
    return handover;
}

FileDescriptor seal(const std::string& content)
{
    FileDescriptor memory(::memfd_create("carillon-configuration", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!memory) throwErrno("cannot create memory for the configuration");
    std::size_t written = 0;
    while (written < content.size())
    {
        const auto length = ::pwrite(memory.get(), content.data() + written, content.size() - written, static_cast<off_t>(written));
        if (length < 0 && errno == EINTR) continue;
        if (length < 0) throwErrno("cannot write the configuration for the children");
        written += static_cast<std::size_t>(length);
    }
    if (::fcntl(memory.get(), F_ADD_SEALS, fullSeal) != 0) throwErrno("cannot seal the configuration for the children");
    return memory;
}

std::string unseal(int descriptor)
{
    if ((::fcntl(descriptor, F_GET_SEALS) & fullSeal) != fullSeal)
        throw std::invalid_argument(fmt::format("descriptor {} is no sealed memory", descriptor));
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0) throwErrno("cannot read the configuration that was handed over");
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t read = 0;
    while (read < content.size())
    {
        // At an offset of our own: all children share the position.
        const auto length = ::pread(descriptor, content.data() + read, content.size() - read, static_cast<off_t>(read));
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) throwErrno("cannot read the configuration that was handed over");
        read += static_cast<std::size_t>(length);
    }
    return content;
}

} // namespace carillon::process
