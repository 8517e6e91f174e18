#pragma once

#include "carillon/Api.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace carillon
{

enum class LogLevel
{
    Fatal = 1,
    Critical,
    Error,
    Warning,
    Notice,
    Information,
    Debug,
    Trace
};

/// One `key=value` of a log line. Values of keys that may name a patient or a secret are redacted by the sink.
struct LogField
{
    std::string_view key;
    std::string value;
    /// False for text, which JSON quotes.
    bool isNumber = false;

    LogField(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
    LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
    LogField(std::string_view name, const char* text) : key(name), value(text) {}
    template <typename Number>
        requires std::is_arithmetic_v<Number>
    LogField(std::string_view name, Number number) : key(name), value(std::to_string(number)), isNumber(true)
    {
    }
};

/// Where log lines go. Thread-safe; never throws; may queue.
class CARILLON_API LogSink
{
public:
    virtual ~LogSink();
    virtual bool isEnabled(LogLevel level, std::string_view source) const noexcept = 0;
    virtual void write(LogLevel level, std::string_view source, std::string_view message,
                       std::initializer_list<LogField> fields) noexcept = 0;
};

/// A named source of log lines: `WARN send: retry in 30s id=7f3a attempt=2/4`. Cheap to copy; a default one writes nothing.
class CARILLON_API Logger
{
public:
    Logger() = default;
    Logger(LogSink& sink, std::string source) : _sink(&sink), _source(std::move(source)) {}

    bool isEnabled(LogLevel level) const noexcept { return _sink != nullptr && _sink->isEnabled(level, _source); }
    void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept
    {
        if (isEnabled(level)) _sink->write(level, _source, message, fields);
    }

    void critical(std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept
    {
        log(LogLevel::Critical, message, fields);
    }
    void error(std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept { log(LogLevel::Error, message, fields); }
    void warning(std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept
    {
        log(LogLevel::Warning, message, fields);
    }
    void notice(std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept { log(LogLevel::Notice, message, fields); }
    void info(std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept
    {
        log(LogLevel::Information, message, fields);
    }
    void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const noexcept { log(LogLevel::Debug, message, fields); }

    const std::string& source() const noexcept { return _source; }
    Logger named(std::string source) const { return _sink == nullptr ? Logger{} : Logger{*_sink, std::move(source)}; }

private:
    LogSink* _sink = nullptr;
    std::string _source;
};

} // namespace carillon
