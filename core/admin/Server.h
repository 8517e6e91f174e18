#pragma once

#include "admin/Instance.h"

#include <chrono>
#include <memory>
#include <string>

namespace carillon::admin
{

/// The admin HTTP server: probes, API and dashboard. Its threads run from start() to stop(). Thread-safe.
class Server
{
public:
    /// Binds and listens, so that a port in use is told before anything is ready: ConfigurationError in one line. `options.token` is not
    /// empty.
    Server(const config::Admin& options, Instance instance);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// `host:port` by which it is reached from this machine, the port that was really bound.
    const std::string& address() const;

    void start();

    /// True when the accepting thread and a thread of the probes have answered within `patience`.
    bool isAlive(std::chrono::milliseconds patience);

    /// Gives the port free at once; what is connected is still answered, /readyz says no.
    void closeListener();

    /// Closes the listener, waits up to `drain` for the requests that run, cuts off the clients that are still waited for, and ends.
    /// Further calls do nothing.
    void stop(std::chrono::milliseconds drain);

private:
    class Parts;
    std::unique_ptr<Parts> _parts;
};

} // namespace carillon::admin
