#include "log/Line.h"

#include "config/Values.h"
#include "log/Redaction.h"

#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>

namespace carillon::log
{

namespace
{

using config::LogFormat;

struct LevelName
{
    std::string_view text;
    std::string_view json;
    std::string_view colour;
};

const LevelName& nameOf(LogLevel level)
{
    static constexpr std::array<LevelName, 9> names{{{"", "", ""},
                                                     {"FATAL", "fatal", "\x1b[1;31m"},
                                                     {"CRIT", "critical", "\x1b[1;31m"},
                                                     {"ERROR", "error", "\x1b[31m"},
                                                     {"WARN", "warning", "\x1b[33m"},
                                                     {"NOTICE", "notice", "\x1b[36m"},
                                                     {"INFO", "info", "\x1b[32m"},
                                                     {"DEBUG", "debug", "\x1b[90m"},
                                                     {"TRACE", "trace", "\x1b[90m"}}};
    const auto index = static_cast<std::size_t>(level);
    return names[index < names.size() ? index : 3];
}

/// RFC 3339, UTC, milliseconds.
void appendTime(std::string& out, std::chrono::system_clock::time_point time)
{
    const auto sinceEpoch = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const std::time_t seconds = sinceEpoch / 1000;
    std::tm parts = {};
    ::gmtime_r(&seconds, &parts);
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                   parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, sinceEpoch % 1000);
}

enum class Escape
{
    Text,
    Json
};

void appendCodePoint(std::string& out, unsigned codePoint, Escape escape)
{
    if (escape == Escape::Json || codePoint > 0xFF)
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", codePoint);
    else
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", codePoint);
}

/// Length of the sequence at `at`, 0 when it is no UTF-8.
std::size_t sequenceLength(std::string_view text, std::size_t at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (at + length > text.size()) return 0;
    return config::firstInvalidUtf8(text.substr(at, length)) ? 0 : length;
}

/// What a terminal or a reader of lines would act upon: C1 controls, line and paragraph separators, and marks that turn the direction of
/// writing.
bool isActive(unsigned codePoint)
{
    return (codePoint >= 0x80 && codePoint < 0xA0) || codePoint == 0x2028 || codePoint == 0x2029 ||
           (codePoint >= 0x202A && codePoint <= 0x202E) || (codePoint >= 0x2066 && codePoint <= 0x2069);
}

unsigned decode(std::string_view sequence)
{
    const auto byte = [&](std::size_t index) { return static_cast<unsigned>(static_cast<unsigned char>(sequence[index])); };
    if (sequence.size() == 2) return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    if (sequence.size() == 3) return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
}

void appendEscaped(std::string& out, std::string_view text, Escape escape, bool isQuoted)
{
    for (std::size_t at = 0; at < text.size();)
    {
        const char character = text[at];
        const auto byte = static_cast<unsigned char>(character);
        if (byte >= 0x20 && byte < 0x7F)
        {
            if (isQuoted && (character == '"' || character == '\\')) out += '\\';
            out += character;
            ++at;
            continue;
        }
        if (character == '\n' || character == '\r' || character == '\t')
        {
            out += character == '\n' ? "\\n" : character == '\r' ? "\\r" : "\\t";
            ++at;
            continue;
        }
        if (byte < 0x20 || byte == 0x7F)
        {
            appendCodePoint(out, byte, escape);
            ++at;
            continue;
        }
        const auto length = sequenceLength(text, at);
        if (length == 0)
        {
            // JSON has no notation for a byte.
            if (escape == Escape::Json)
                out += "\\ufffd";
            else
                appendCodePoint(out, byte, escape);
            ++at;
            continue;
        }
        const auto sequence = text.substr(at, length);
        const auto codePoint = decode(sequence);
        if (isActive(codePoint))
            appendCodePoint(out, codePoint, escape);
        else
            out += sequence;
        at += length;
    }
}

bool isKeyCharacter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
           character == '_' || character == '.' || character == '-';
}

/// Keys are our own words; whatever else comes along cannot break the line.
void appendKey(std::string& out, std::string_view key, LogFormat format)
{
    for (const char character : key) out += isKeyCharacter(character) ? character : '_';
    if (key.empty()) out += '_';
    if (format == LogFormat::Text) return;
    // A field must not stand in for one of the line's own.
    for (const std::string_view own : {"time", "level", "source", "message", "process", "pid"})
    {
        if (key == own) out += '_';
    }
}

bool needsQuotes(std::string_view value)
{
    if (value.empty()) return true;
    for (const char character : value)
    {
        const auto byte = static_cast<unsigned char>(character);
        if (byte <= 0x20 || byte == 0x7F || character == '"' || character == '=' || character == '\\') return true;
    }
    return false;
}

bool isJsonNumber(std::string_view text)
{
    if (text.empty()) return false;
    const auto digits = text.front() == '-' ? text.substr(1) : text;
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return false;
    if (digits.size() > 1 && digits.front() == '0' && digits[1] != '.') return false;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && text.back() != '.';
}

void appendValue(std::string& out, const Field& field, LogFormat format)
{
    const bool isHidden = isSensitiveKey(field.key);
    const std::string value = isHidden ? std::string(redactionMark) : redacted(field.value);
    if (format == LogFormat::Json)
    {
        if (!isHidden && field.isNumber && isJsonNumber(value))
        {
            out += value;
            return;
        }
        out += '"';
        appendEscaped(out, value, Escape::Json, true);
        out += '"';
        return;
    }
    const bool isQuoted = needsQuotes(value);
    if (isQuoted) out += '"';
    appendEscaped(out, value, Escape::Text, isQuoted);
    if (isQuoted) out += '"';
}

std::string renderText(const Line& line, bool hasColours)
{
    std::string out;
    out.reserve(128 + line.message.size());
    appendTime(out, line.time);
    out += ' ';
    const auto& level = nameOf(line.level);
    if (hasColours)
        out.append(level.colour).append(level.text).append("\x1b[0m");
    else
        out += level.text;
    out += ' ';
    appendEscaped(out, line.source, Escape::Text, false);
    out += ": ";
    appendEscaped(out, redacted(line.message), Escape::Text, false);
    for (const auto& field : line.fields)
    {
        out += ' ';
        appendKey(out, field.key, LogFormat::Text);
        out += '=';
        appendValue(out, field, LogFormat::Text);
    }
    return out;
}

std::string renderJson(const Line& line, const Appearance& appearance)
{
    std::string out = R"({"time":")";
    out.reserve(192 + line.message.size());
    appendTime(out, line.time);
    out.append(R"(","level":")").append(nameOf(line.level).json).append(R"(","source":")");
    appendEscaped(out, line.source, Escape::Json, true);
    out += R"(","message":")";
    appendEscaped(out, redacted(line.message), Escape::Json, true);
    out += '"';
    if (!appearance.process.empty())
    {
        out += R"(,"process":")";
        appendEscaped(out, appearance.process, Escape::Json, true);
        out += '"';
    }
    if (appearance.processId != 0) fmt::format_to(std::back_inserter(out), R"(,"pid":{})", appearance.processId);
    for (const auto& field : line.fields)
    {
        out += ",\"";
        appendKey(out, field.key, LogFormat::Json);
        out += "\":";
        appendValue(out, field, LogFormat::Json);
    }
    out += '}';
    return out;
}

void packText(std::string& packed, std::string_view text)
{
    fmt::format_to(std::back_inserter(packed), "{}:", text.size());
    packed += text;
}

std::optional<std::string_view> unpackText(std::string_view& packed)
{
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(packed.data(), packed.data() + packed.size(), length);
    const auto used = static_cast<std::size_t>(end - packed.data()) + 1;
    if (error != std::errc{} || used + length > packed.size()) return std::nullopt;
    const auto text = packed.substr(used, length);
    packed.remove_prefix(used + length);
    return text;
}

} // namespace

std::string render(const Line& line, const Appearance& appearance)
{
    return appearance.format == LogFormat::Json ? renderJson(line, appearance) : renderText(line, appearance.hasColours);
}

std::string pack(std::initializer_list<LogField> fields)
{
    std::string packed;
    for (const auto& field : fields)
    {
        packed += field.isNumber ? 'n' : 't';
        packText(packed, field.key);
        packText(packed, field.value);
    }
    return packed;
}

std::vector<Field> unpack(std::string_view packed)
{
    std::vector<Field> fields;
    while (!packed.empty())
    {
        const bool isNumber = packed.front() == 'n';
        packed.remove_prefix(1);
        const auto key = unpackText(packed);
        const auto value = key ? unpackText(packed) : std::nullopt;
        if (!value) break;
        fields.push_back({*key, *value, isNumber});
    }
    return fields;
}

} // namespace carillon::log
