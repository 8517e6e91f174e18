#include "log/DescriptorChannel.h"

#include <Poco/Exception.h>
#include <Poco/Message.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <poll.h>
#include <unistd.h>

namespace carillon::log
{

void DescriptorChannel::log(const Poco::Message& message)
{
    // What is left of a line that was given up must not swallow the next one.
    const std::string line = (_isTorn ? "\n" : "") + message.getText() + '\n';
    std::size_t written = 0;
    while (written < line.size())
    {
        // So much a writable pipe takes without blocking.
        const std::size_t chunk = _patience ? std::min<std::size_t>(line.size() - written, PIPE_BUF) : line.size() - written;
        if (_patience && !isWritable(static_cast<int>(_patience->count())))
        {
            _isTorn = _isTorn || written > 0;
            throw Poco::TimeoutException("log output");
        }
        const auto count = ::write(_descriptor, line.data() + written, chunk);
        if (count >= 0)
        {
            written += static_cast<std::size_t>(count);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) throw Poco::WriteFileException("log output", std::strerror(errno));
        // Somebody made the shared descriptor non-blocking; that must cost neither lines nor the processor.
        if (!_patience) isWritable(-1);
    }
    _isTorn = false;
}

bool DescriptorChannel::isWritable(int timeout) const
{
    pollfd writable{_descriptor, POLLOUT, 0};
    return ::poll(&writable, 1, timeout) > 0;
}

} // namespace carillon::log
