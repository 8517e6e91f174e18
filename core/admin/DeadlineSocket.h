#pragma once

#include "process/FileDescriptor.h"

#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace carillon::admin
{

/// A connection with one deadline for all it receives and sends together (Poco's time-outs are for each call, and a client that drips a
/// byte a second never meets them), and a bound of what may be received, so that nothing of the next request is read into this one's
/// buffers. Throws Poco's exceptions; a met deadline is Poco::TimeoutException. Not thread-safe.
class DeadlineSocketImpl final : public Poco::Net::StreamSocketImpl
{
public:
    /// Waiting ends, as if the deadline were met, soon after `isCut` became true. It outlives this.
    DeadlineSocketImpl(process::FileDescriptor socket, const std::atomic<bool>& isCut);

    void setDeadline(std::chrono::steady_clock::time_point deadline) { _deadline = deadline; }
    void allow(std::size_t bytes) { _allowed = bytes; }

    int receiveBytes(void* buffer, int length, int flags = 0) override;
    int sendBytes(const void* buffer, int length, int flags = 0) override;

    /// The descriptor, which is the caller's from now on.
    process::FileDescriptor detach();

private:
    void waitFor(short events);

    const std::atomic<bool>& _isCut;
    std::chrono::steady_clock::time_point _deadline;
    std::size_t _allowed = 0;
};

class DeadlineSocket final : public Poco::Net::StreamSocket
{
public:
    DeadlineSocket(process::FileDescriptor socket, const std::atomic<bool>& isCut)
        : DeadlineSocket(new DeadlineSocketImpl(std::move(socket), isCut))
    {
    }

    DeadlineSocketImpl& deadlined() { return *_deadlined; }
    void sendAll(std::string_view bytes);

private:
    /// The base class owns it.
    explicit DeadlineSocket(DeadlineSocketImpl* deadlined) : StreamSocket(deadlined), _deadlined(deadlined) {}

    DeadlineSocketImpl* _deadlined;
};

} // namespace carillon::admin
