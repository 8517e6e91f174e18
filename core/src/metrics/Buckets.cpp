#include "metrics/Buckets.h"

#include "metrics/BoardLayout.h"

namespace carillon::metrics
{
namespace
{

constexpr double secondsBounds[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60};
constexpr double shortBounds[] = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};
constexpr double waitBounds[] = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600};
constexpr double countBounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

static_assert(std::size(secondsBounds) <= layout::maxBucketBounds);
static_assert(std::size(shortBounds) <= layout::maxBucketBounds);
static_assert(std::size(waitBounds) <= layout::maxBucketBounds);
static_assert(std::size(countBounds) <= layout::maxBucketBounds);

} // namespace

std::span<const double> boundsOf(Buckets buckets) noexcept
{
    switch (buckets)
    {
    case Buckets::Seconds: return secondsBounds;
    case Buckets::ShortSeconds: return shortBounds;
    case Buckets::WaitSeconds: return waitBounds;
    case Buckets::Count: return countBounds;
    }
    // A newer writer's set that this reader does not know: its sum and count still mean something.
    return {};
}

double unitOf(Buckets buckets) noexcept { return buckets == Buckets::Count ? 1.0 : 1e-9; }

} // namespace carillon::metrics
