#include "log/LineFormatter.h"

#include <Poco/Message.h>

namespace carillon::log
{

const std::string LineFormatter::fieldsParameter = "fields";

void LineFormatter::format(const Poco::Message& message, std::string& text)
{
    static const std::string none;
    Line line;
    line.time = std::chrono::system_clock::time_point(std::chrono::microseconds(message.getTime().epochMicroseconds()));
    line.level = static_cast<LogLevel>(message.getPriority());
    line.source = message.getSource();
    line.message = message.getText();
    line.fields = unpack(message.get(fieldsParameter, none));
    text = render(line, _appearance);
}

} // namespace carillon::log
