#include "metrics/MetricsRegistry.h"

#include "metrics/Exposition.h"
#include "metrics/Snapshot.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace carillon::metrics
{
namespace
{

bool isNameStart(char character, bool colonAllowed)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character == '_' ||
           (colonAllowed && character == ':');
}

bool isName(std::string_view name, bool colonAllowed)
{
    if (name.empty() || !isNameStart(name.front(), colonAllowed)) return false;
    return std::all_of(name.begin(), name.end(),
                       [&](char character) { return isNameStart(character, colonAllowed) || (character >= '0' && character <= '9'); });
}

void checkName(const FamilyText& family)
{
    if (!isName(family.name, true) || family.name.size() > decltype(layout::Family::name)::capacity)
        throw std::invalid_argument(
            fmt::format("metric name '{}' is not allowed: letters, digits, '_' and ':', not a digit first, at most {} characters",
                        family.name, decltype(layout::Family::name)::capacity));
}

std::string labelText(const FamilyText& family, const Labels& labels)
{
    std::string text;
    for (const auto& [name, value] : labels)
    {
        const bool reserved = (family.kind == Kind::Histogram && name == "le") ||
                              (family.rule == GaugeRule::PerChild && (name == "role" || name == "group" || name == "index"));
        if (!isName(name, false) || reserved)
            throw std::invalid_argument(fmt::format("label '{}' of metric '{}' is {}; choose another name", name, family.name,
                                                    reserved ? "reserved" : "not allowed"));
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escapeLabelValue(value));
    }
    return text;
}

bool isSame(const layout::Family& known, const FamilyText& family)
{
    return known.kind == static_cast<std::uint32_t>(family.kind) && known.buckets == static_cast<std::uint32_t>(family.buckets) &&
           known.rule == static_cast<std::uint32_t>(family.rule);
}

/// Its index; familyCount when there is no room.
std::size_t claimFamily(layout::Board& memory, const FamilyText& family)
{
    const std::size_t used = memory.header.familiesUsed.load(std::memory_order_relaxed);
    for (std::size_t index = 0; index < used; ++index)
    {
        const auto& known = memory.families[index];
        if (!known.name.equals(family.name)) continue;
        if (isSame(known, family)) return index;
        throw std::invalid_argument(fmt::format("metric '{}' is registered already with another kind, buckets or rule", family.name));
    }
    if (used == layout::familyCount) return layout::familyCount;

    auto& claimed = memory.families[used];
    claimed.kind.store(static_cast<std::uint32_t>(family.kind), std::memory_order_release);
    claimed.buckets.store(static_cast<std::uint32_t>(family.buckets), std::memory_order_release);
    claimed.rule.store(static_cast<std::uint32_t>(family.rule), std::memory_order_release);
    claimed.name.store(family.name);
    claimed.help.store(family.help);
    claimed.published.store(1, std::memory_order_release);
    memory.header.familiesUsed.store(static_cast<std::uint32_t>(used + 1), std::memory_order_release);
    return used;
}

} // namespace

std::array<layout::Word, layout::valueCount>& claimSeries(Board& board, const FamilyText& family, std::string_view labels)
{
    const std::lock_guard lock(board.registration());
    auto& memory = board.memory();
    auto& header = memory.header;

    const auto familyIndex = claimFamily(memory, family);
    const std::size_t used = header.cellsUsed.load(std::memory_order_relaxed);
    if (familyIndex < layout::familyCount)
        for (std::size_t index = 0; index < used; ++index)
            if (memory.cells[index].family.load(std::memory_order_relaxed) == familyIndex && memory.cells[index].labels.equals(labels))
                return memory.cells[index].values;

    if (familyIndex == layout::familyCount || used == layout::cellCount || labels.size() > decltype(layout::Cell::labels)::capacity)
    {
        header.seriesRefused.fetch_add(1, std::memory_order_relaxed);
        return header.overflow;
    }

    auto& cell = memory.cells[used];
    cell.family.store(static_cast<std::uint32_t>(familyIndex), std::memory_order_release);
    cell.labels.store(labels);
    cell.published.store(1, std::memory_order_release);
    header.cellsUsed.store(static_cast<std::uint32_t>(used + 1), std::memory_order_release);
    return cell.values;
}

Counter MetricsRegistry::counter(std::string_view name, std::string_view help, const Labels& labels)
{
    const FamilyText family{.name = name, .help = help, .kind = Kind::Counter};
    checkName(family);
    return Counter(claimSeries(_board, family, labelText(family, labels))[0]);
}

Gauge MetricsRegistry::gauge(std::string_view name, std::string_view help, const Labels& labels, GaugeRule rule)
{
    const FamilyText family{.name = name, .help = help, .kind = Kind::Gauge, .rule = rule};
    checkName(family);
    return Gauge(claimSeries(_board, family, labelText(family, labels))[0]);
}

Histogram MetricsRegistry::histogram(std::string_view name, std::string_view help, Buckets buckets, const Labels& labels)
{
    const FamilyText family{.name = name, .help = help, .kind = Kind::Histogram, .buckets = buckets};
    checkName(family);
    return {claimSeries(_board, family, labelText(family, labels)), boundsOf(buckets)};
}

void Histogram::observe(std::chrono::nanoseconds duration) const noexcept
{
    const auto positive = std::max(duration, std::chrono::nanoseconds(0));
    observe(std::chrono::duration<double>(positive).count(), static_cast<std::uint64_t>(positive.count()));
}

void Histogram::observe(std::uint64_t count) const noexcept { observe(static_cast<double>(count), count); }

void Histogram::observe(double value, std::uint64_t sum) const noexcept
{
    if (_values == nullptr) return;
    const auto bucket = static_cast<std::size_t>(std::lower_bound(_bounds.begin(), _bounds.end(), value) - _bounds.begin());
    (*_values)[bucket].fetch_add(1, std::memory_order_relaxed);
    (*_values)[layout::sumIndex].fetch_add(sum, std::memory_order_relaxed);
}

void foldInto(Board& retired, Board& child)
{
    auto& header = retired.memory().header;
    const auto sequence = header.foldSequence.load(std::memory_order_relaxed);
    header.foldSequence.store(sequence + 1, std::memory_order_relaxed);

    // Every store from here to the end releases: a reader that saw one of them sees the odd number too, and reads again.
    const auto dead = snapshot(child);
    for (const auto& series : dead.series)
    {
        const auto& family = dead.families[series.family];
        if (family.kind == Kind::Gauge) continue; // what a dead process had is no more
        try
        {
            auto& sums = claimSeries(retired, {family.name, family.help, family.kind, family.buckets, family.rule}, series.labels);
            for (std::size_t index = 0; index < series.values.size(); ++index)
                if (series.values[index] != 0) sums[index].fetch_add(series.values[index], std::memory_order_release);
        }
        catch (const std::invalid_argument&)
        {
            // Two generations of a plugin gave one name two kinds; the newer one's numbers cannot be added to the older one's.
            header.seriesRefused.fetch_add(1, std::memory_order_release);
        }
    }
    header.seriesRefused.fetch_add(dead.seriesRefused, std::memory_order_release);
    header.slotsRefused.fetch_add(dead.slotsRefused, std::memory_order_release);
    child.reset({});

    header.foldSequence.store(sequence + 2, std::memory_order_release);
}

} // namespace carillon::metrics
