#include "push/fcm/RetryAfter.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace carillon::push::fcm
{
namespace
{

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// A year is longer than any wait that makes sense, and keeps sums far from overflow.
constexpr long long longestSeconds = 366LL * 24 * 3600;

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Digits only: no sign, no space.
std::optional<long long> number(std::string_view text)
{
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    long long value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// The next piece up to one of `separators`, which is taken too.
std::string_view piece(std::string_view& rest, std::string_view separators)
{
    const auto end = std::min(rest.find_first_of(separators), rest.size());
    const auto taken = rest.substr(0, end);
    rest.remove_prefix(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
    return taken;
}

std::optional<TimePoint> dateOf(std::string_view day, std::string_view monthName, std::string_view year, std::string_view clock,
                                TimePoint now)
{
    using namespace std::chrono;
    const auto d = number(day);
    auto y = number(year);
    const auto hour = number(piece(clock, ":"));
    const auto minute = number(piece(clock, ":"));
    const auto second = number(clock);
    unsigned m = 0;
    while (m < months.size() && months[m] != monthName) ++m;
    if (!d || !y || !hour || !minute || !second || m == months.size() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    if (year.size() == 2)
    {
        // RFC 9110 5.6.7: a two-digit year more than 50 years ahead is the past century's.
        const int current = static_cast<int>(year_month_day(floor<days>(now)).year());
        *y += current / 100 * 100;
        if (*y > current + 50) *y -= 100;
    }
    const year_month_day date{std::chrono::year(static_cast<int>(*y)), month(m + 1), std::chrono::day(static_cast<unsigned>(*d))};
    if (*y > 9999 || !date.ok()) return std::nullopt;
    return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
}

std::optional<TimePoint> httpDate(std::string_view text, TimePoint now)
{
    std::string_view rest = text;
    if (text.find(',') != std::string_view::npos)
    {
        // IMF-fixdate `Mon, 23 Nov 2026 08:00:00 GMT`, or RFC 850's `Monday, 23-Nov-26 08:00:00 GMT`.
        piece(rest, ", ");
        const auto day = piece(rest, " -");
        const auto month = piece(rest, " -");
        const auto year = piece(rest, " -");
        const auto clock = piece(rest, " ");
        return rest == "GMT" ? dateOf(day, month, year, clock, now) : std::nullopt;
    }
    // asctime's `Mon Nov 23 08:00:00 2026`.
    piece(rest, " ");
    const auto month = piece(rest, " ");
    const auto day = piece(rest, " ");
    const auto clock = piece(rest, " ");
    return dateOf(day, month, rest, clock, now);
}

} // namespace

std::optional<milliseconds> parseRetryAfter(std::string_view value, TimePoint now)
{
    const auto text = trimmed(value);
    if (const auto seconds = number(text)) return milliseconds(std::min(*seconds, longestSeconds) * 1000);
    const auto date = httpDate(text, now);
    if (!date) return std::nullopt;
    return *date <= now ? milliseconds(0) : std::chrono::duration_cast<milliseconds>(*date - now);
}

std::optional<milliseconds> parseDuration(std::string_view text)
{
    if (!text.ends_with('s')) return std::nullopt;
    text.remove_suffix(1);
    const auto point = text.find('.');
    const auto whole = number(text.substr(0, point));
    if (!whole) return std::nullopt;
    long long thousandths = 0;
    if (point != std::string_view::npos)
    {
        auto digits = text.substr(point + 1);
        if (!number(digits) || digits.size() > 9) return std::nullopt;
        for (std::size_t i = 0; i < 3; ++i) thousandths = thousandths * 10 + (i < digits.size() ? digits[i] - '0' : 0);
    }
    return milliseconds(std::min(*whole, longestSeconds) * 1000 + thousandths);
}

} // namespace carillon::push::fcm
