#pragma once

#include "http/Message.h"
#include "net/EventLoop.h"

#include <string>
#include <string_view>

namespace carillon::fakefcm
{

/// What a session may ask of the connection below it.
class SessionHost
{
public:
    virtual ~SessionHost() = default;
    virtual EventLoop& loop() = 0;

    /// Something became ready to be sent outside of receive(): a delayed answer.
    virtual void wake() = 0;
};

/// One connection's protocol: bytes in, bytes out. Knows neither sockets nor TLS.
class Session
{
public:
    enum class End
    {
        Open,
        Close, ///< after what was produced is sent, in good order
        Cut,   ///< after what was produced is sent, without TLS's goodbye
        Reset  ///< at once, with a TCP reset
    };

    virtual ~Session() = default;

    virtual void receive(std::string_view bytes) = 0;

    /// Appends what is to be sent, until `out` holds about `enough` bytes.
    virtual void produce(std::string& out, std::size_t enough) = 0;

    virtual End end() const = 0;

    /// The moment at which the peer's silence is too long, given what is in progress.
    virtual EventLoop::Clock::time_point deadline() const = 0;

    /// The deadline has passed: gives up what was too slow.
    virtual void onDeadline() = 0;
};

} // namespace carillon::fakefcm
