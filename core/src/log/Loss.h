#pragma once

#include <Poco/Message.h>

#include <cstdint>

namespace carillon::log
{

/// The line that tells of lines that are not there.
Poco::Message lossReport(std::uint64_t lines);

} // namespace carillon::log
