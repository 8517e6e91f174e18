#include "log/Loss.h"

#include <fmt/format.h>

namespace carillon::log
{

Poco::Message lossReport(std::uint64_t lines)
{
    const auto text = fmt::format(
        "{} line{} lost here: the log could not be written as fast as it was filled, or not at all; see log.queue_size and log.output",
        lines, lines == 1 ? " was" : "s were");
    return {"log", text, Poco::Message::PRIO_WARNING};
}

} // namespace carillon::log
