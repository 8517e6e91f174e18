#pragma once

#include "carillon/Settings.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The notation of single values: `2s`, `64MiB`, `yes`, `a, b`. Pure functions.
namespace carillon::config
{

using Value = Settings::Value;

enum class ValueKind
{
    Text,
    Boolean,
    Integer,
    Number,
    Duration,
    Size,
    Path,
    Dsn,
    Choice,
    List,
    PathList
};

/// What may stand in a value's place. Bounds are in the value's own unit: milliseconds, bytes, or the plain number.
struct ValueRule
{
    ValueKind kind = ValueKind::Text;
    std::optional<double> least;
    std::optional<double> most;
    std::vector<std::string> choices;

    bool isList() const { return kind == ValueKind::List || kind == ValueKind::PathList; }
    /// `duration, 1ms to 1h`.
    std::string describe() const;
};

/// Either a value, or what is wrong with it: "is '2 sec', not a duration; write e.g. 2s, 500ms, 5m".
struct ParsedValue
{
    std::optional<Value> value;
    std::string error;
};

/// `isSecret` keeps the text out of the error.
ParsedValue parseValue(const ValueRule& rule, const std::string& text, const std::vector<std::string>& items, bool isSecret = false);

/// Units ms, s, m, h, d; sums (`1h30m`) and decimals (`1.5s`) too. A bare `0` needs no unit.
std::optional<std::chrono::milliseconds> parseDuration(std::string_view text);

/// Units B, KiB, MiB, GiB, TiB; K, M, G, T mean the same, as in `--memory-limit 128M`. A bare `0` needs no unit.
std::optional<std::uint64_t> parseSize(std::string_view text);

std::optional<std::int64_t> parseInteger(std::string_view text);
std::optional<double> parseNumber(std::string_view text);

/// true, yes, on, 1; false, no, off, 0.
std::optional<bool> parseBoolean(std::string_view text);

/// Items between commas, trimmed; an item in double quotes may hold commas, `\"` and `\\`. No text is no item.
std::vector<std::string> splitList(std::string_view text);

/// What splitList() reads back.
std::string joinList(const std::vector<std::string>& items);

/// The shortest exact form: `90s`, `1h30m` becomes `90m`, 28 days `28d`.
std::string formatDuration(std::chrono::milliseconds duration);
std::string formatSize(std::uint64_t bytes);
std::string formatNumber(double number);

std::string_view trimmed(std::string_view text);

/// Offset of the first byte that is no well-formed UTF-8 (overlong forms and surrogates are none); empty when all is well.
std::optional<std::size_t> firstInvalidUtf8(std::string_view text);

} // namespace carillon::config
