#pragma once

#include "carillon/Logger.h"

#include <string>
#include <vector>

namespace carillon::tests
{

/// Keeps every log line of every level as `message key=value …`, unredacted. One thread.
class RecordedLog final : public LogSink
{
public:
    bool isEnabled(LogLevel, std::string_view) const noexcept override { return true; }
    void write(LogLevel, std::string_view, std::string_view message, std::initializer_list<LogField> fields) noexcept override
    {
        std::string line(message);
        for (const LogField& field : fields) line += " " + std::string(field.key) + "=" + field.value;
        lines.push_back(std::move(line));
    }

    bool contains(std::string_view text) const
    {
        for (const std::string& line : lines)
            if (line.find(text) != std::string::npos) return true;
        return false;
    }

    std::vector<std::string> lines;
};

} // namespace carillon::tests
