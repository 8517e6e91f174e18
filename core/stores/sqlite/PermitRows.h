#pragma once

#include "port/RateLimiter.h"
#include "sqlite/Session.h"

#include <optional>
#include <vector>

namespace carillon::stores::sqlite
{

/// The rate limiter's rows within one open transaction, asked at one moment. The numbers are in the file; never renumbered.
class PermitRows
{
public:
    enum class State
    {
        Waiting = 0, ///< `at`: the moment that is reserved for it
        Held = 1,    ///< `at`: when it was granted last
        Spent = 2    ///< `at`: when its effect was over
    };

    PermitRows(carillon::sqlite::Session& session, const port::RateLimit& limit, TimePoint now)
        : _session(session),
          _limit(limit),
          _now(now)
    {
    }

    /// The moment for one request; not later than now: granted.
    TimePoint reserve(const port::RateRequest& request);

    /// The effect of a message was over at `at`.
    static void spend(carillon::sqlite::Session& session, const std::string& messageId, TimePoint at);
    /// Gives back what will not be used; an effect of an earlier grant goes on counting.
    static void release(carillon::sqlite::Session& session, const std::string& messageId);

private:
    struct Permit
    {
        State state = State::Waiting;
        TimePoint at{};
    };
    TimePoint grant(const port::RateRequest& request, const std::optional<Permit>& earlier);
    std::optional<Permit> find(const port::RateRequest& request);
    /// When each permit that is in the window counts, ascending.
    std::vector<TimePoint> countedMoments(const std::string& key);
    bool counts(const Permit& permit) const;
    TimePoint momentOf(const Permit& permit) const;
    /// How many wait before this one; without a permit of its own: all.
    std::size_t countWaitingBefore(const port::RateRequest& request, const std::optional<Permit>& own);
    TimePoint momentForRank(std::size_t rank, const std::vector<TimePoint>& counted) const;
    void store(const port::RateRequest& request, State state, TimePoint at, std::optional<TimePoint> keptAt);

    carillon::sqlite::Session& _session;
    const port::RateLimit& _limit;
    TimePoint _now;
};

} // namespace carillon::stores::sqlite
