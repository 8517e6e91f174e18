#include "fcm/Journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace carillon::fakefcm
{

namespace
{

/// In characters, not bytes: the second byte and those after it begin with the bits 10.
std::size_t lengthOf(std::string_view utf8)
{
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

} // namespace

Journal::Journal(const std::filesystem::path& file, bool withBodies, std::size_t keep) : _file(file), _withBodies(withBodies), _keep(keep)
{
    if (_file.empty()) return;
    _fd = open(_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (_fd < 0)
        throw std::runtime_error(
            fmt::format("cannot open the journal {}: {}; give another file with --journal", _file.string(), std::strerror(errno)));
}

Journal::~Journal()
{
    if (_fd >= 0) close(_fd);
}

std::uint64_t Journal::append(const DeliveredMessage& message)
{
    const MessageView& view = message.view;
    Json line = {
        {"seq", _sequence + 1},
        {"time", std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch()).count()},
        {"kind", nameOf(view.targetKind)},
        {"address", view.target},
        {"tag", view.tag},
        {"collapseId", view.collapseId},
        {"collapseKey", view.collapseKey},
        {"data", view.data == nullptr ? Json::object() : *view.data},
        {"titleLength", lengthOf(view.title)},
        {"name", message.name},
        {"status", message.status},
        {"connection", message.connection},
    };
    if (message.deviceDelay.count() > 0) line["deviceDelayMs"] = message.deviceDelay.count();
    if (_withBodies) line["message"] = *view.message;

    Entry entry{_sequence + 1, std::string(view.target), line.dump()};
    if (_fd >= 0) write(entry.line + "\n");
    _entries.push_back(std::move(entry));
    if (_entries.size() > _keep) _entries.pop_front();
    return ++_sequence;
}

void Journal::write(const std::string& line)
{
    struct stat before
    {
    };
    fstat(_fd, &before);
    std::size_t written = 0;
    while (written < line.size())
    {
        const ssize_t count = ::write(_fd, line.data() + written, line.size() - written);
        if (count > 0)
            written += static_cast<std::size_t>(count);
        else if (errno != EINTR)
        {
            const int error = errno;
            // Half a line would spoil the next one.
            const bool whole = written == 0 || ftruncate(_fd, before.st_size) == 0;
            throw std::runtime_error(fmt::format("cannot write the journal {}: {}{}", _file.string(), std::strerror(error),
                                                 whole ? "" : "; its last line is broken"));
        }
    }
}

} // namespace carillon::fakefcm
