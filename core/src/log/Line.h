#pragma once

#include "carillon/Logger.h"
#include "config/Configuration.h"

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// How one log line looks. Pure functions.
namespace carillon::log
{

struct Field
{
    std::string_view key;
    std::string_view value;
    bool isNumber = false;
};

struct Line
{
    std::chrono::system_clock::time_point time;
    LogLevel level = LogLevel::Information;
    std::string_view source;
    std::string_view message;
    std::vector<Field> fields;
};

struct Appearance
{
    config::LogFormat format = config::LogFormat::Text;
    bool hasColours = false;
    std::string process; ///< JSON only
    int processId = 0;   ///< JSON only
};

/// One line without its end, redacted. Control characters (also the C1 ones and the line separators of Unicode) and what is not UTF-8 are
/// escaped, and a text value that looks like more than one word is quoted, so that no content can begin a line or a field of its own.
std::string render(const Line& line, const Appearance& appearance);

/// Fields as one text, to ride in a Poco::Message whose parameters know no order; unpack() views into it.
std::string pack(std::initializer_list<LogField> fields);
std::vector<Field> unpack(std::string_view packed);

} // namespace carillon::log
