#include "metrics/Exposition.h"

#include "metrics/BootClock.h"

#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <map>

namespace carillon::metrics
{
namespace
{

struct MergedSeries
{
    std::array<std::uint64_t, layout::valueCount> values{};
    double gauge = 0;
    std::uint64_t generation = 0;
};

struct MergedFamily
{
    FamilySnapshot family;
    std::map<std::string, MergedSeries> series;
};

using Merged = std::map<std::string, MergedFamily>;

std::string childLabels(const Identity& identity)
{
    return fmt::format("role=\"{}\",group=\"{}\",index=\"{}\"", toString(identity.role), escapeLabelValue(identity.group), identity.index);
}

std::string joined(const std::string& left, const std::string& right)
{
    return left.empty() || right.empty() ? left + right : left + "," + right;
}

void mergeGauge(MergedFamily& merged, const SeriesSnapshot& series, const BoardSnapshot& board)
{
    const auto value = std::bit_cast<double>(series.values[0]);
    if (merged.family.rule == GaugeRule::PerChild)
    {
        // Two generations of one process for the time of a reload: the newer one speaks.
        auto& own = merged.series[joined(series.labels, childLabels(board.identity))];
        if (board.identity.generation < own.generation) return;
        own.gauge = value;
        own.generation = board.identity.generation;
        return;
    }
    const auto [place, isNew] = merged.series.try_emplace(series.labels);
    auto& gauge = place->second.gauge;
    if (merged.family.rule == GaugeRule::Maximum)
        gauge = isNew ? value : std::max(gauge, value);
    else
        gauge += value;
}

void merge(Merged& all, const BoardSnapshot& board)
{
    for (const auto& series : board.series)
    {
        const auto& family = board.families[series.family];
        auto& merged = all.try_emplace(family.name, MergedFamily{family, {}}).first->second;
        // A name that changed its kind between two generations: one exposition cannot hold both.
        if (merged.family.kind != family.kind || merged.family.buckets != family.buckets) continue;
        if (family.kind == Kind::Gauge)
        {
            mergeGauge(merged, series, board);
            continue;
        }
        auto& sums = merged.series[series.labels].values;
        for (std::size_t index = 0; index < sums.size(); ++index) sums[index] += series.values[index];
    }
}

void addOwn(Merged& all, const char* name, const char* help, Kind kind, const std::string& labels, double value)
{
    const FamilySnapshot family{name, help, kind, Buckets::Seconds, GaugeRule::Sum};
    auto& series = all.try_emplace(name, MergedFamily{family, {}}).first->second.series[labels];
    if (kind == Kind::Counter)
        series.values[0] += static_cast<std::uint64_t>(value);
    else
        series.gauge += value;
}

/// What the headers tell. Two generations of a process at a time are told apart by nothing: their numbers add up.
void addHeaders(Merged& all, const BoardSnapshot& board)
{
    addOwn(all, "carillon_metrics_series_refused_total", "Series that found no room on a board; their values are lost.", Kind::Counter, "",
           board.seriesRefused);
    addOwn(all, "carillon_slots_refused_total",
           "Messages that were processed without a slot on a board, so that a crash could not be blamed.", Kind::Counter, "",
           static_cast<double>(board.slotsRefused));
    if (board.pid == 0) return;

    const auto labels = childLabels(board.identity);
    for (const auto state : {State::Starting, State::Ready, State::Quiet, State::Draining, State::Stopped})
        addOwn(all, "carillon_process_state", "1 for the state a process is in.", Kind::Gauge,
               fmt::format("{},state=\"{}\"", labels, toString(state)), board.state == state ? 1 : 0);
    const auto age = std::chrono::duration<double>(bootNow() - board.heartbeat).count();
    auto& ages = all.try_emplace("carillon_process_heartbeat_age_seconds",
                                 MergedFamily{{"carillon_process_heartbeat_age_seconds", "Time since the process last proved progress.",
                                               Kind::Gauge, Buckets::Seconds, GaugeRule::Maximum},
                                              {}})
                     .first->second.series[labels];
    ages.gauge = std::max(ages.gauge, age);
    if (board.identity.role != Role::Worker) return;
    addOwn(all, "carillon_handler_threads", "Threads that run handlers.", Kind::Gauge, labels, board.handlerThreads);
    addOwn(all, "carillon_handlers_busy", "Of them, those that run one now.", Kind::Gauge, labels, board.busyHandlers);
}

std::string number(double value)
{
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

std::string braced(const std::string& labels) { return labels.empty() ? labels : "{" + labels + "}"; }

void writeHistogram(std::string& text, const MergedFamily& merged, const std::string& labels, const MergedSeries& series)
{
    const auto& name = merged.family.name;
    const auto bounds = boundsOf(merged.family.buckets);
    auto out = std::back_inserter(text);
    std::uint64_t count = 0;
    for (std::size_t index = 0; index <= layout::maxBucketBounds; ++index)
    {
        count += series.values[index];
        if (index < bounds.size())
            fmt::format_to(out, "{}_bucket{{{}}} {}\n", name, joined(labels, fmt::format("le=\"{}\"", bounds[index])), count);
    }
    fmt::format_to(out, "{}_bucket{{{}}} {}\n", name, joined(labels, "le=\"+Inf\""), count);
    const auto sum = static_cast<double>(series.values[layout::sumIndex]) * unitOf(merged.family.buckets);
    fmt::format_to(out, "{}_sum{} {}\n{}_count{} {}\n", name, braced(labels), number(sum), name, braced(labels), count);
}

std::string escapeHelp(std::string_view help)
{
    std::string text;
    for (const char character : help)
    {
        if (character == '\\')
            text += "\\\\";
        else if (character == '\n')
            text += "\\n";
        else
            text += character;
    }
    return text;
}

const char* typeOf(Kind kind)
{
    switch (kind)
    {
    case Kind::Counter: return "counter";
    case Kind::Gauge: return "gauge";
    case Kind::Histogram: return "histogram";
    }
    return "untyped";
}

} // namespace

std::string expose(std::span<const BoardSnapshot> boards)
{
    Merged all;
    for (const auto& board : boards)
    {
        merge(all, board);
        addHeaders(all, board);
    }

    std::string text;
    auto out = std::back_inserter(text);
    for (const auto& [name, merged] : all)
    {
        fmt::format_to(out, "# HELP {} {}\n# TYPE {} {}\n", name, escapeHelp(merged.family.help), name, typeOf(merged.family.kind));
        for (const auto& [labels, series] : merged.series)
        {
            if (merged.family.kind == Kind::Histogram)
                writeHistogram(text, merged, labels, series);
            else if (merged.family.kind == Kind::Counter)
                fmt::format_to(out, "{}{} {}\n", name, braced(labels), series.values[0]);
            else
                fmt::format_to(out, "{}{} {}\n", name, braced(labels), number(series.gauge));
        }
    }
    return text;
}

std::string escapeLabelValue(std::string_view value)
{
    std::string text;
    for (const char character : value)
    {
        if (character == '\\')
            text += "\\\\";
        else if (character == '"')
            text += "\\\"";
        else if (character == '\n')
            text += "\\n";
        else
            text += character;
    }
    return text;
}

} // namespace carillon::metrics
