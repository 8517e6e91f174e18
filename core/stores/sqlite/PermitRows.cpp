#include "stores/sqlite/PermitRows.h"

#include <algorithm>

namespace carillon::stores::sqlite
{

using port::RateLimiter;
using port::RateRequest;

TimePoint PermitRows::reserve(const RateRequest& request)
{
    auto own = find(request);
    // A repeat of what counts already takes no second place. It is held again: its effect may come again, and later.
    if (own && own->state != State::Waiting && counts(*own)) return store(request, State::Held, std::max(own->at, _now)), _now;
    // One that counts no longer has to find a place anew, or a late repeat would be the eleventh in its minute.
    if (own && own->state != State::Waiting) own.reset();
    if (own && own->at > _now) return own->at;

    const auto counted = countedMoments(request.key);
    const auto permits = static_cast<std::size_t>(_limit.permits);
    // Its moment has come: it needs room, and owes nothing to those who wait but have not come back yet.
    if (own && counted.size() < permits) return store(request, State::Held, _now), _now;

    // A new one goes behind all who wait, so that a busy user's messages keep coming out in their order.
    const TimePoint moment = momentForRank(countWaitingBefore(request, own), counted);
    return store(request, moment <= _now ? State::Held : State::Waiting, moment);
}

std::optional<PermitRows::Permit> PermitRows::find(const RateRequest& request)
{
    auto row = _session.prepare("SELECT state, at FROM permits WHERE message_id = ?1 AND key = ?2").bind(request.messageId, request.key);
    if (!row.step()) return {};
    return Permit{static_cast<State>(row.integer(0)), row.time(1)};
}

TimePoint PermitRows::momentOf(const Permit& permit) const
{
    if (permit.state == State::Spent) return permit.at;
    return std::min(_now, permit.at + RateLimiter::heldFor);
}

bool PermitRows::counts(const Permit& permit) const
{
    return momentOf(permit) > _now - _limit.window;
}

std::vector<TimePoint> PermitRows::countedMoments(const std::string& key)
{
    std::vector<TimePoint> moments;
    auto rows = _session.prepare("SELECT at FROM permits WHERE key = ?1 AND state = ?2 AND at > ?3");
    rows.bind(key, static_cast<int>(State::Spent), _now - _limit.window);
    while (rows.step())
        moments.push_back(momentOf({State::Spent, rows.time(0)}));
    rows.reset();
    rows.bind(key, static_cast<int>(State::Held), _now - _limit.window - RateLimiter::heldFor);
    while (rows.step())
        moments.push_back(momentOf({State::Held, rows.time(0)}));
    std::sort(moments.begin(), moments.end());
    return moments;
}

std::size_t PermitRows::countWaitingBefore(const RateRequest& request, const std::optional<Permit>& own)
{
    // Who did not come back for so long after its moment will not: it was cancelled, or has expired.
    const TimePoint oldest = _now - RateLimiter::heldFor;
    auto row = own ? _session.prepare("SELECT count(*) FROM permits WHERE key = ?1 AND state = 0 AND at > ?2 AND (at, message_id) < (?3, ?4)")
                         .bind(request.key, oldest, own->at, request.messageId)
                   : _session.prepare("SELECT count(*) FROM permits WHERE key = ?1 AND state = 0 AND at > ?2").bind(request.key, oldest);
    row.step();
    return static_cast<std::size_t>(row.integer(0));
}

TimePoint PermitRows::momentForRank(std::size_t rank, const std::vector<TimePoint>& counted) const
{
    const auto permits = static_cast<std::size_t>(_limit.permits);
    const std::size_t place = rank % permits;
    const auto rounds = static_cast<std::int64_t>(rank / permits);
    // With `place` others before it, so many of those that count now must have left the window.
    const std::size_t taken = counted.size() + place + 1;
    const TimePoint first = taken <= permits ? _now : counted[taken - permits - 1] + _limit.window;
    return first + rounds * _limit.window;
}

TimePoint PermitRows::store(const RateRequest& request, State state, TimePoint at)
{
    _session
        .prepare("INSERT INTO permits(message_id, key, state, at) VALUES(?1, ?2, ?3, ?4) "
                 "ON CONFLICT(message_id, key) DO UPDATE SET state = excluded.state, at = excluded.at")
        .bind(request.messageId, request.key, static_cast<int>(state), at)
        .run();
    return at;
}

} // namespace carillon::stores::sqlite
