#include "fcm/ProtoText.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace carillon::fakefcm
{

namespace
{

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// The number of digits at the start of `text`.
std::size_t digits(std::string_view text)
{
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), isDigit) - text.begin());
}

/// Takes ".123" off the start; false when the point is there without one to nine digits.
bool takeFraction(std::string_view& text)
{
    if (!text.starts_with('.')) return true;
    const std::size_t count = digits(text.substr(1));
    text.remove_prefix(1 + count);
    return count >= 1 && count <= 9;
}

/// Whether `text` has the form of `pattern`, in which 0 stands for any digit.
bool fits(std::string_view text, std::string_view pattern)
{
    return text.size() == pattern.size() &&
           std::equal(text.begin(), text.end(), pattern.begin(), [](char c, char p) { return p == '0' ? isDigit(c) : c == p; });
}

int twoDigits(std::string_view text, std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

} // namespace

std::string snakeCase(std::string_view camelCase)
{
    std::string snake;
    for (const char c : camelCase)
    {
        const bool upper = c >= 'A' && c <= 'Z';
        // "androidV2" is android_v2: digits stay with the letter before them.
        if (upper) snake += '_';
        snake += upper ? static_cast<char>(c + 32) : c;
    }
    return snake;
}

bool isDuration(std::string_view text)
{
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t whole = digits(text);
    if (whole == 0) return false;
    text.remove_prefix(whole);
    return takeFraction(text) && text == "s";
}

std::optional<std::chrono::seconds> durationSeconds(std::string_view text)
{
    if (!isDuration(text)) return std::nullopt;
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const std::size_t whole = digits(text);
    if (whole > 12) return std::nullopt;
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + whole, value);
    return std::chrono::seconds(negative ? -value : value);
}

bool isTimestamp(std::string_view text)
{
    constexpr std::string_view pattern = "0000-00-00T00:00:00";
    if (text.size() < pattern.size() || !fits(text.substr(0, pattern.size()), pattern)) return false;
    const int month = twoDigits(text, 5);
    const int day = twoDigits(text, 8);
    if (month < 1 || month > 12 || day < 1 || day > 31 || twoDigits(text, 11) > 23 || twoDigits(text, 14) > 59 || twoDigits(text, 17) > 60)
        return false;
    text.remove_prefix(pattern.size());
    if (!takeFraction(text)) return false;
    return text == "Z" || fits(text, "+00:00") || fits(text, "-00:00");
}

bool isInt32Text(std::string_view text)
{
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

bool isFloatText(std::string_view text)
{
    if (text == "NaN" || text == "Infinity" || text == "-Infinity") return true;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace carillon::fakefcm
