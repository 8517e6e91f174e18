#include "process/ServiceManager.h"

#include "process/FileDescriptor.h"

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace carillon::process
{
namespace
{

std::optional<std::uint64_t> numberFrom(const char* variable)
{
    const char* text = std::getenv(variable);
    if (text == nullptr) return {};
    std::uint64_t number = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, number);
    if (error != std::errc{} || stop != end) return {};
    return number;
}

/// Assignments are separated by line feeds: one within a value would forge another.
std::string oneLine(std::string_view text)
{
    std::string line(text);
    for (auto& character : line)
        if (character == '\n' || character == '\r') character = ' ';
    return line;
}

} // namespace

ServiceManager ServiceManager::fromEnvironment()
{
    const char* socket = std::getenv("NOTIFY_SOCKET");
    if (socket == nullptr) return {};

    const auto interval = numberFrom("WATCHDOG_USEC");
    const auto pid = numberFrom("WATCHDOG_PID");
    const bool isOurs = !pid || *pid == static_cast<std::uint64_t>(::getpid());
    if (!interval || *interval == 0 || !isOurs) return ServiceManager(socket);
    return ServiceManager(socket, std::chrono::microseconds(*interval));
}

ServiceManager::ServiceManager(std::string socket, std::optional<std::chrono::microseconds> watchdog)
    : _socket(std::move(socket)),
      _watchdog(watchdog)
{
    const bool isAddress = !_socket.empty() && (_socket.front() == '/' || _socket.front() == '@');
    if (!isAddress || _socket.size() >= sizeof(sockaddr_un::sun_path)) _socket.clear();
}

void ServiceManager::ready(std::string_view status) const { send(fmt::format("READY=1\nSTATUS={}", oneLine(status))); }

void ServiceManager::reloading() const
{
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", std::uint64_t(time.tv_sec) * 1'000'000 + std::uint64_t(time.tv_nsec) / 1000));
}

void ServiceManager::stopping(std::string_view status) const { send(fmt::format("STOPPING=1\nSTATUS={}", oneLine(status))); }

void ServiceManager::status(std::string_view status) const { send(fmt::format("STATUS={}", oneLine(status))); }

void ServiceManager::alive() const { send("WATCHDOG=1"); }

void ServiceManager::extendTimeout(std::chrono::microseconds by) const { send(fmt::format("EXTEND_TIMEOUT_USEC={}", by.count())); }

void ServiceManager::send(const std::string& assignments) const
{
    if (!isPresent()) return;
    const FileDescriptor sender(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!sender) return;

    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, _socket.data(), _socket.size());
    if (_socket.front() == '@') address.sun_path[0] = '\0';
    // The length counts: an abstract name may hold NUL bytes, so padding would be another name.
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + _socket.size());
    ::sendto(sender.get(), assignments.data(), assignments.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
}

} // namespace carillon::process
