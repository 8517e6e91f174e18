#include "config/Values.h"

#include "config/Nearest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace carillon::config
{

namespace
{

struct Unit
{
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array durationUnits{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array sizeUnits{Unit{"B", 1},           Unit{"KiB", 1LL << 10}, Unit{"MiB", 1LL << 20},
                               Unit{"GiB", 1LL << 30}, Unit{"TiB", 1LL << 40}, Unit{"K", 1LL << 10},
                               Unit{"M", 1LL << 20},   Unit{"G", 1LL << 30},   Unit{"T", 1LL << 40}};

/// Far above anything meant, far below an overflow of later sums: 100 years, one exbibyte.
constexpr double longestDuration = 100.0 * 365 * 86'400'000;
constexpr double largestSize = 1LL << 60;

bool isDigit(char character) { return character >= '0' && character <= '9'; }

/// Reads `12`, `1.5` at the front; nothing when there is no number.
std::optional<double> takeNumber(std::string_view& text)
{
    std::size_t length = 0;
    while (length < text.size() && (isDigit(text[length]) || text[length] == '.')) ++length;
    const auto number = parseNumber(text.substr(0, length));
    if (number) text.remove_prefix(length);
    return number;
}

template <std::size_t Count>
std::optional<std::int64_t> takeUnit(std::string_view& text, const std::array<Unit, Count>& units)
{
    std::size_t length = 0;
    while (length < text.size() && !isDigit(text[length])) ++length;
    const auto name = text.substr(0, length);
    for (const auto& unit : units)
    {
        if (unit.name != name) continue;
        text.remove_prefix(length);
        return unit.factor;
    }
    return std::nullopt;
}

std::string quoted(const std::string& text, bool isSecret) { return isSecret ? "a secret" : "'" + text + "'"; }

std::string plain(const ValueRule& rule, double number)
{
    if (rule.kind == ValueKind::Duration) return formatDuration(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
    if (rule.kind == ValueKind::Size) return formatSize(static_cast<std::uint64_t>(number));
    return formatNumber(number);
}

std::string bounds(const ValueRule& rule)
{
    if (rule.least && rule.most) return plain(rule, *rule.least) + " to " + plain(rule, *rule.most);
    if (rule.least) return "at least " + plain(rule, *rule.least);
    return "at most " + plain(rule, *rule.most);
}

/// Constructs in place: moving a variant makes g++ 12 warn, under sanitizers, of alternatives it does not hold.
template <typename Type>
ParsedValue good(Type&& value)
{
    ParsedValue parsed;
    parsed.value.emplace(std::forward<Type>(value));
    return parsed;
}

template <typename Number>
ParsedValue bounded(const ValueRule& rule, const std::string& text, bool isSecret, Number value, double number)
{
    const bool isInside = (!rule.least || number >= *rule.least) && (!rule.most || number <= *rule.most);
    if (isInside) return good(value);
    return {std::nullopt, "is " + quoted(text, isSecret) + ", must be " + bounds(rule)};
}

ParsedValue notA(const std::string& text, bool isSecret, std::string_view what)
{
    return {std::nullopt, fmt::format("is {}, not {}", quoted(text, isSecret), what)};
}

ParsedValue parseChoice(const ValueRule& rule, const std::string& text)
{
    if (std::find(rule.choices.begin(), rule.choices.end(), text) != rule.choices.end()) return good(text);
    std::string error = fmt::format("is '{}', must be one of {}", text, fmt::join(rule.choices, ", "));
    if (const auto close = nearest(text, rule.choices)) error += fmt::format("; did you mean '{}'?", *close);
    return {std::nullopt, std::move(error)};
}

ParsedValue parseList(const std::vector<std::string>& items)
{
    if (std::find(items.begin(), items.end(), std::string()) != items.end())
        return {std::nullopt, "has an empty item; remove the comma too many"};
    return good(items);
}

} // namespace

ParsedValue parseValue(const ValueRule& rule, const std::string& text, const std::vector<std::string>& items, bool isSecret)
{
    switch (rule.kind)
    {
    case ValueKind::Text:
    case ValueKind::Path:
    case ValueKind::Dsn:
        return good(text);
    case ValueKind::Choice:
        return parseChoice(rule, text);
    case ValueKind::List:
    case ValueKind::PathList:
        return parseList(items);
    case ValueKind::Boolean:
        if (const auto value = parseBoolean(text)) return good(*value);
        return notA(text, isSecret, "a yes or no; write true or false");
    case ValueKind::Integer:
        if (const auto value = parseInteger(text)) return bounded(rule, text, isSecret, *value, static_cast<double>(*value));
        return notA(text, isSecret, "a whole number; write e.g. 3");
    case ValueKind::Number:
        if (const auto value = parseNumber(text)) return bounded(rule, text, isSecret, *value, *value);
        return notA(text, isSecret, "a number; write e.g. 2 or 0.1");
    case ValueKind::Duration:
        if (const auto value = parseDuration(text)) return bounded(rule, text, isSecret, *value, static_cast<double>(value->count()));
        return notA(text, isSecret, "a duration; write e.g. 2s, 500ms, 5m");
    case ValueKind::Size:
        if (const auto value = parseSize(text))
        {
            return bounded(rule, text, isSecret, static_cast<std::int64_t>(*value), static_cast<double>(*value));
        }
        return notA(text, isSecret, "a size; write e.g. 64MiB, 256KiB, 1000B");
    }
    return {std::nullopt, "has a kind that nobody reads"};
}

std::string ValueRule::describe() const
{
    static constexpr std::array names{"text", "true or false", "integer", "number", "duration",     "size",
                                      "path", "DSN",           "one of",  "list",   "list of paths"};
    std::string text = names.at(static_cast<std::size_t>(kind));
    if (kind == ValueKind::Choice) return fmt::format("{} {}", text, fmt::join(choices, ", "));
    if (least || most) text += ", " + bounds(*this);
    return text;
}

std::optional<std::chrono::milliseconds> parseDuration(std::string_view text)
{
    if (text == "0") return std::chrono::milliseconds{0};
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty())
    {
        const auto number = takeNumber(text);
        if (!number) return std::nullopt;
        const auto factor = takeUnit(text, durationUnits);
        if (!factor) return std::nullopt;
        total += *number * static_cast<double>(*factor);
    }
    if (total > longestDuration) return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::llround(total))};
}

std::optional<std::uint64_t> parseSize(std::string_view text)
{
    if (text == "0") return 0;
    const auto number = takeNumber(text);
    if (!number) return std::nullopt;
    const auto factor = takeUnit(text, sizeUnits);
    if (!factor || !text.empty()) return std::nullopt;
    const double bytes = *number * static_cast<double>(*factor);
    if (bytes > largestSize) return std::nullopt;
    return static_cast<std::uint64_t>(std::llround(bytes));
}

std::optional<std::int64_t> parseInteger(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> parseNumber(std::string_view text)
{
    // from_chars would take "inf" and "nan", which no bound refuses.
    if (text.find_first_not_of("0123456789.-+eE") != std::string_view::npos) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<bool> parseBoolean(std::string_view text)
{
    for (const std::string_view yes : {"true", "yes", "on", "1"})
    {
        if (text == yes) return true;
    }
    for (const std::string_view no : {"false", "no", "off", "0"})
    {
        if (text == no) return false;
    }
    return std::nullopt;
}

std::vector<std::string> splitList(std::string_view text)
{
    std::vector<std::string> items;
    text = trimmed(text);
    if (text.empty()) return items;

    std::string item;
    bool isQuoted = false;
    bool wasQuoted = false;
    const auto finish = [&]
    {
        items.emplace_back(wasQuoted ? item : std::string(trimmed(item)));
        item.clear();
        wasQuoted = false;
    };
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        const char character = text[at];
        if (isQuoted && character == '\\' && at + 1 < text.size())
        {
            item += text[++at];
        }
        else if (isQuoted && character == '"')
        {
            isQuoted = false;
        }
        else if (!isQuoted && character == '"' && trimmed(item).empty() && !wasQuoted)
        {
            item.clear();
            isQuoted = wasQuoted = true;
        }
        else if (!isQuoted && character == ',')
        {
            finish();
        }
        else if (!wasQuoted || isQuoted || character != ' ')
        {
            item += character;
        }
    }
    finish();
    return items;
}

std::string joinList(const std::vector<std::string>& items)
{
    std::string text;
    for (const auto& item : items)
    {
        if (!text.empty()) text += ", ";
        const bool needsQuotes = item.empty() || item.find_first_of(",\"\\") != std::string::npos || trimmed(item) != item;
        if (!needsQuotes)
        {
            text += item;
            continue;
        }
        text += '"';
        for (const char character : item)
        {
            if (character == '"' || character == '\\') text += '\\';
            text += character;
        }
        text += '"';
    }
    return text;
}

std::string formatDuration(std::chrono::milliseconds duration)
{
    const auto count = duration.count();
    if (count == 0) return "0";
    for (auto unit = durationUnits.rbegin(); unit != durationUnits.rend(); ++unit)
    {
        if (count % unit->factor == 0) return fmt::format("{}{}", count / unit->factor, unit->name);
    }
    return fmt::format("{}ms", count);
}

std::string formatSize(std::uint64_t bytes)
{
    if (bytes == 0) return "0";
    constexpr std::array names{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t step = 0;
    while (step + 1 < names.size() && bytes % 1024 == 0)
    {
        bytes /= 1024;
        ++step;
    }
    return fmt::format("{}{}", bytes, names[step]);
}

std::string formatNumber(double number) { return fmt::format("{:.15g}", number); }

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::size_t> firstInvalidUtf8(std::string_view text)
{
    const auto byteAt = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    for (std::size_t at = 0; at < text.size();)
    {
        const unsigned lead = byteAt(at);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xC2 && lead < 0xE0 ? 2
                                   : lead >= 0xE0 && lead < 0xF0 ? 3
                                   : lead >= 0xF0 && lead < 0xF5 ? 4
                                                                 : 0;
        if (length == 0 || at + length > text.size()) return at;
        for (std::size_t next = 1; next < length; ++next)
        {
            if ((byteAt(at + next) & 0xC0) != 0x80) return at;
        }
        // Overlong forms, UTF-16 surrogates, and what lies above U+10FFFF.
        if (lead == 0xE0 && byteAt(at + 1) < 0xA0) return at;
        if (lead == 0xED && byteAt(at + 1) >= 0xA0) return at;
        if (lead == 0xF0 && byteAt(at + 1) < 0x90) return at;
        if (lead == 0xF4 && byteAt(at + 1) >= 0x90) return at;
        at += length;
    }
    return std::nullopt;
}

} // namespace carillon::config
