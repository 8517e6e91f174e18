#pragma once

#include <Poco/Channel.h>

namespace carillon::log
{

/// Writes each message's text and a line end to a descriptor, in one write() where it fits a pipe's buffer, so that lines of several
/// processes on one pipe do not mix. Blocks while the reader is slow. Throws Poco::WriteFileException when the descriptor is gone. (Poco's
/// ConsoleChannel goes through std::clog, which stays broken for ever after one failed write.)
class DescriptorChannel : public Poco::Channel
{
public:
    /// The descriptor stays its owner's.
    explicit DescriptorChannel(int descriptor) : _descriptor(descriptor) {}

    void log(const Poco::Message& message) override;

private:
    const int _descriptor;
};

} // namespace carillon::log
