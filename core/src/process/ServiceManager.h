#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::process
{

/// Tells systemd how the service is (sd_notify(3)). Without a manager every call does nothing. Never blocks, never throws: a full or dead
/// socket is no reason to stop working.
class ServiceManager
{
public:
    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. A leading `@` is the abstract namespace.
    static ServiceManager fromEnvironment();

    ServiceManager() = default;
    explicit ServiceManager(std::string socket, std::optional<std::chrono::microseconds> watchdog = {});

    bool isPresent() const noexcept { return !_socket.empty(); }

    /// How often the manager wants a sign of life; nothing when it wants none from this process.
    std::optional<std::chrono::microseconds> watchdog() const noexcept { return _watchdog; }

    void ready(std::string_view status) const;
    /// With MONOTONIC_USEC, without which systemd 253 and later (Type=notify-reload) take the reload for failed.
    void reloading() const;
    void stopping(std::string_view status) const;
    void status(std::string_view status) const;
    void alive() const;
    void extendTimeout(std::chrono::microseconds by) const;

private:
    void send(const std::string& assignments) const;

    std::string _socket;
    std::optional<std::chrono::microseconds> _watchdog;
};

} // namespace carillon::process
