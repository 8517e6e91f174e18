#include "carillon/Clock.h"

#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace carillon
{
namespace
{

class SystemClock final : public Clock
{
public:
    TimePoint now() const override { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }
    SteadyPoint steady() const override { return std::chrono::steady_clock::now(); }
};

[[noreturn]] void reject(const std::string& text)
{
    throw std::invalid_argument("'" + text + "' is no RFC 3339 time; write e.g. 2026-11-23T08:00:00Z or 2026-11-23T08:00:00+01:00");
}

/// Reads exactly `count` digits at the front of `rest` and moves it on.
int digits(std::string_view& rest, std::size_t count, const std::string& text)
{
    int value = 0;
    if (rest.size() < count) reject(text);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + count, value);
    if (error != std::errc{} || end != rest.data() + count || rest[0] == '-') reject(text);
    rest.remove_prefix(count);
    return value;
}

void expect(std::string_view& rest, std::string_view anyOf, const std::string& text)
{
    if (rest.empty() || anyOf.find(rest.front()) == std::string_view::npos) reject(text);
    rest.remove_prefix(1);
}

} // namespace

const Clock& systemClock()
{
    static const SystemClock clock;
    return clock;
}

std::string toRfc3339(TimePoint time)
{
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    char text[64];
    const int length = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                                     static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                                     static_cast<int>(clock.subseconds().count()));
    return std::string(text, static_cast<std::size_t>(length));
}

TimePoint fromRfc3339(const std::string& text)
{
    using namespace std::chrono;
    std::string_view rest = text;
    const int y = digits(rest, 4, text);
    expect(rest, "-", text);
    const int mo = digits(rest, 2, text);
    expect(rest, "-", text);
    const int d = digits(rest, 2, text);
    expect(rest, "Tt ", text);
    const int h = digits(rest, 2, text);
    expect(rest, ":", text);
    const int mi = digits(rest, 2, text);
    expect(rest, ":", text);
    const int s = digits(rest, 2, text);

    milliseconds fraction{0};
    if (!rest.empty() && rest.front() == '.')
    {
        rest.remove_prefix(1);
        int scale = 100;
        if (rest.empty() || rest.front() < '0' || rest.front() > '9') reject(text);
        for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1), scale /= 10)
            fraction += milliseconds((rest.front() - '0') * scale);
    }

    minutes offset{0};
    if (rest == "Z" || rest == "z")
        rest = {};
    else
    {
        if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) reject(text);
        const int sign = rest.front() == '-' ? -1 : 1;
        rest.remove_prefix(1);
        const int hoursOff = digits(rest, 2, text);
        expect(rest, ":", text);
        const int minutesOff = digits(rest, 2, text);
        if (hoursOff > 23 || minutesOff > 59) reject(text);
        offset = minutes(sign * (hoursOff * 60 + minutesOff));
    }

    const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
    // A leap second (60) is taken as the next minute's first, as POSIX time does.
    if (!rest.empty() || !date.ok() || h > 23 || mi > 59 || s > 60) reject(text);
    return sys_days(date) + hours(h) + minutes(mi) + seconds(s) + fraction - offset;
}

} // namespace carillon
