#include "admin/DeadlineSocket.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace carillon::admin
{

using process::FileDescriptor;

namespace
{

/// Between two looks at whether all is cut.
constexpr std::chrono::milliseconds glance{100};

} // namespace

DeadlineSocketImpl::DeadlineSocketImpl(FileDescriptor socket, const std::atomic<bool>& isCut)
    : StreamSocketImpl(socket.release()),
      _isCut(isCut)
{
}

void DeadlineSocketImpl::waitFor(short events)
{
    while (true)
    {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(_deadline - std::chrono::steady_clock::now());
        pollfd entry{sockfd(), events, 0};
        const bool isOver = left.count() <= 0 || _isCut;
        const int ready = isOver ? 0 : ::poll(&entry, 1, static_cast<int>(std::min(left, glance).count()));
        if (ready > 0) return;
        if (!isOver && (ready == 0 || errno == EINTR)) continue;
        throw Poco::TimeoutException("the client was too slow");
    }
}

int DeadlineSocketImpl::receiveBytes(void* buffer, int length, int flags)
{
    if (_allowed == 0) return 0;
    const auto wanted = std::min(static_cast<std::size_t>(length), _allowed);
    while (true)
    {
        const auto received = ::recv(sockfd(), buffer, wanted, flags | MSG_DONTWAIT);
        if (received >= 0)
        {
            _allowed -= static_cast<std::size_t>(received);
            return static_cast<int>(received);
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) throw Poco::Net::NetException("receiving failed", errno);
        waitFor(POLLIN);
    }
}

int DeadlineSocketImpl::sendBytes(const void* buffer, int length, int flags)
{
    while (true)
    {
        const auto sent = ::send(sockfd(), buffer, static_cast<std::size_t>(length), flags | MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0) return static_cast<int>(sent);
        if (errno == EINTR) continue;
        if (errno != EAGAIN) throw Poco::Net::NetException("sending failed", errno);
        waitFor(POLLOUT);
    }
}

FileDescriptor DeadlineSocketImpl::detach()
{
    FileDescriptor descriptor(sockfd());
    reset();
    return descriptor;
}

void DeadlineSocket::sendAll(std::string_view bytes)
{
    while (!bytes.empty())
        bytes.remove_prefix(
            static_cast<std::size_t>(_deadlined->sendBytes(bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)))));
}

} // namespace carillon::admin
