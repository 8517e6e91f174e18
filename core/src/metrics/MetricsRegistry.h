#pragma once

#include "metrics/Board.h"
#include "metrics/Buckets.h"

#include <bit>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::metrics
{

enum class Kind : std::uint32_t
{
    Counter = 1,
    Gauge,
    Histogram
};

/// What becomes of a gauge that several processes have.
enum class GaugeRule : std::uint32_t
{
    Sum,     ///< one series: all added (jobs in flight)
    Maximum, ///< one series: the largest (breaker state)
    PerChild ///< a series a process, with the labels role, group and index
};

/// Only grows. One relaxed atomic add. A default one counts nothing. Cheap to copy; valid as long as its board.
class Counter
{
public:
    Counter() = default;
    explicit Counter(layout::Word& value) : _value(&value) {}

    void add(std::uint64_t amount = 1) const noexcept
    {
        if (_value != nullptr) _value->fetch_add(amount, std::memory_order_relaxed);
    }
    std::uint64_t value() const noexcept { return _value == nullptr ? 0 : _value->load(std::memory_order_relaxed); }

private:
    layout::Word* _value = nullptr;
};

/// Goes up and down. Its value dies with its process.
class Gauge
{
public:
    Gauge() = default;
    explicit Gauge(layout::Word& value) : _value(&value) {}

    void set(double value) const noexcept
    {
        if (_value != nullptr) _value->store(std::bit_cast<std::uint64_t>(value), std::memory_order_relaxed);
    }
    void add(double amount) const noexcept
    {
        if (_value == nullptr) return;
        auto seen = _value->load(std::memory_order_relaxed);
        while (!_value->compare_exchange_weak(seen, std::bit_cast<std::uint64_t>(std::bit_cast<double>(seen) + amount),
                                              std::memory_order_relaxed))
        {
        }
    }
    double value() const noexcept { return _value == nullptr ? 0 : std::bit_cast<double>(_value->load(std::memory_order_relaxed)); }

private:
    layout::Word* _value = nullptr;
};

/// Distribution over fixed buckets. An observation is two relaxed atomic adds: the bucket's, the sum's.
class Histogram
{
public:
    Histogram() = default;
    Histogram(std::array<layout::Word, layout::valueCount>& values, std::span<const double> bounds) : _values(&values), _bounds(bounds) {}

    /// For the sets of seconds. A negative duration (a clock of another machine) counts as zero.
    void observe(std::chrono::nanoseconds duration) const noexcept;
    /// For Buckets::Count.
    void observe(std::uint64_t count) const noexcept;

private:
    void observe(double value, std::uint64_t sum) const noexcept;

    std::array<layout::Word, layout::valueCount>* _values = nullptr;
    std::span<const double> _bounds;
};

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::vector<Label>;

/// Registers series in a board. Register at start, keep the handle, count with the handle: the lookup is a search under a lock.
///
/// The same name and labels give the same series, whoever asks. A new series starts at 0 and is exposed at once: register every label
/// combination that can come, or the first event is lost to rate(). Label values must be of a bounded set: never an id, a user, a token.
/// When the board is full (or labels are longer than 239 bytes) the handle works, its values are not exposed, and the number of such
/// series is (`carillon_metrics_series_refused`).
/// Names that Prometheus does not allow, or one name with two kinds, are std::invalid_argument. Thread-safe.
class MetricsRegistry
{
public:
    /// `board` outlives the registry and every handle.
    explicit MetricsRegistry(Board& board) : _board(board) {}

    Counter counter(std::string_view name, std::string_view help, const Labels& labels = {});
    Gauge gauge(std::string_view name, std::string_view help, const Labels& labels = {}, GaugeRule rule = GaugeRule::Sum);
    Histogram histogram(std::string_view name, std::string_view help, Buckets buckets, const Labels& labels = {});

    Board& board() noexcept { return _board; }

private:
    Board& _board;
};

/// What a series is registered by; used by MetricsRegistry and by the master's folding.
struct FamilyText
{
    std::string_view name;
    std::string_view help;
    Kind kind = Kind::Counter;
    Buckets buckets = Buckets::Seconds;
    GaugeRule rule = GaugeRule::Sum;
};

/// The values of the series, found or claimed; `labels` are escaped already. The overflow's when there is no room.
std::array<layout::Word, layout::valueCount>& claimSeries(Board& board, const FamilyText& family, std::string_view labels);

/// Adds the counters and histograms of a dead child's board to `retired` and empties the board. Readers that follow Snapshot.h never see
/// the sum smaller or counted twice. One thread only; nobody may be writing to `child`.
void foldInto(Board& retired, Board& child);

} // namespace carillon::metrics
