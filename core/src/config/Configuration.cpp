#include "config/Configuration.h"

#include "config/EnumNames.h"

namespace carillon::config
{

std::string Origin::text() const
{
    switch (layer)
    {
    case Layer::Default:
        return "default";
    case Layer::CommandLine:
        return "command line";
    case Layer::EnvironmentVariable:
        return "environment " + source;
    case Layer::BaseFile:
    case Layer::EnvironmentFile:
        break;
    }
    if (line == 0) return source;
    return source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::vector<std::string> Configuration::route(const std::string& type) const
{
    if (const auto found = routing.find(type); found != routing.end()) return found->second;
    if (const auto any = routing.find("*"); any != routing.end()) return any->second;
    return {};
}

std::string toString(Environment environment) { return std::string(nameOf(environment)); }

std::string toString(LogLevel level) { return std::string(nameOf(level)); }

std::string toString(LogFormat format) { return std::string(nameOf(format)); }

std::string toString(LogOutput output) { return std::string(nameOf(output)); }

std::string toString(LogOverflow overflow) { return std::string(nameOf(overflow)); }

std::string toString(Durability durability) { return std::string(nameOf(durability)); }

std::string toString(ExchangeType type) { return std::string(nameOf(type)); }
std::string toString(PushText text) { return std::string(nameOf(text)); }

} // namespace carillon::config
