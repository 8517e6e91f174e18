#pragma once

#include <Poco/Channel.h>

#include <chrono>
#include <optional>

namespace carillon::log
{

/// Writes each message's text and a line end to a descriptor, in one write() where it fits a pipe's buffer, so that lines of several
/// processes on one pipe do not mix. For one thread at a time. Throws Poco::WriteFileException when the descriptor is gone, and
/// Poco::TimeoutException when its reader is slower than our patience.
/// (Poco's ConsoleChannel goes through std::clog, which stays broken for ever after one failed write.)
class DescriptorChannel : public Poco::Channel
{
public:
    /// The descriptor stays its owner's. Without `patience` a slow reader is waited for.
    explicit DescriptorChannel(int descriptor, std::optional<std::chrono::milliseconds> patience = {})
        : _descriptor(descriptor),
          _patience(patience)
    {
    }

    void log(const Poco::Message& message) override;

private:
    bool isWritable(int timeout) const;

    const int _descriptor;
    const std::optional<std::chrono::milliseconds> _patience;
    bool _isTorn = false; ///< the last line was given up in its middle
};

} // namespace carillon::log
