#pragma once

#include "carillon/Clock.h"
#include "carillon/UnitOfWork.h"

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace carillon::port
{

struct RateLimit
{
    int permits = 10;
    std::chrono::milliseconds window{60000};
};

struct RateRequest
{
    /// Whose limit: the user. Stored as it is, shown never.
    std::string key;
    std::string messageId;
};

/// At most `permits` in any `window` a key, over all processes, by reservation. Thread-safe; throws StoreError.
///
/// A permit is held from the grant until spend() says when the effect was over; while it is held, or unknown, it counts as of now. So no window
/// between effects is ever shorter, however late a worker is.
class RateLimiter
{
public:
    /// So long after its last grant a permit that nobody spent is taken as spent (its worker is gone), and a reservation that
    /// nobody came back for as given up. Longer than any handler may take.
    static constexpr std::chrono::minutes heldFor{10};

    virtual ~RateLimiter();

    /// For each request the moment that is reserved for it, in order; not later than `now` means granted: go. One transaction for all.
    /// A message that was granted or has spent is granted again at no cost, and holds its permit again, as long as that counts in the window; after
    /// that it needs room like a new one. One that holds a later reservation is granted when its moment has come and the window
    /// really has room, else it gets a new, later moment. A new one is reserved behind all that wait.
    virtual std::vector<TimePoint> reserve(std::span<const RateRequest> requests, const RateLimit& limit, TimePoint now) = 0;

    /// Within the deciding transaction: the effect was over at `at`.
    virtual void stageSpent(UnitOfWork& work, const std::string& messageId, TimePoint at) = 0;
    /// Within the deciding transaction: gives back a reservation that will not be used. What was spent stays
    /// spent, and so does what an earlier grant of the same message may have spent.
    virtual void stageRelease(UnitOfWork& work, const std::string& messageId) = 0;

    /// Forgets what ended before `before`, which lies at least the longest window back; says how many rows.
    virtual std::size_t sweep(TimePoint before, std::size_t limit) = 0;
};

} // namespace carillon::port
