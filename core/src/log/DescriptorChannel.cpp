#include "log/DescriptorChannel.h"

#include <Poco/Exception.h>
#include <Poco/Message.h>

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>

namespace carillon::log
{

void DescriptorChannel::log(const Poco::Message& message)
{
    const std::string line = message.getText() + '\n';
    std::size_t written = 0;
    while (written < line.size())
    {
        const auto count = ::write(_descriptor, line.data() + written, line.size() - written);
        if (count >= 0)
        {
            written += static_cast<std::size_t>(count);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) throw Poco::WriteFileException("log output", std::strerror(errno));
        // Somebody made the shared descriptor non-blocking; that must cost neither lines nor the processor.
        pollfd writable{_descriptor, POLLOUT, 0};
        ::poll(&writable, 1, -1);
    }
}

} // namespace carillon::log
