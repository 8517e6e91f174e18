#include "stores/sqlite/PermitRows.h"

#include <algorithm>

namespace carillon::stores::sqlite
{

using port::RateLimiter;
using port::RateRequest;

TimePoint PermitRows::reserve(const RateRequest& request)
{
    const auto own = find(request);
    const bool isWaiting = own && own->state == State::Waiting;
    // A repeat of what counts already takes no second place. One that counts no longer has to find a place anew, or a late repeat
    // would be the eleventh in its minute.
    if (own && !isWaiting && counts(*own)) return grant(request, own);
    if (isWaiting && own->at > _now) return own->at;

    const auto counted = countedMoments(request.key);
    const auto permits = static_cast<std::size_t>(_limit.permits);
    // Its moment has come: it needs room, and owes nothing to those who wait but have not come back yet.
    if (isWaiting && counted.size() < permits) return grant(request, {});

    // A new one goes behind all who wait, so that a busy user's messages keep coming out in their order.
    const TimePoint moment = momentForRank(countWaitingBefore(request, isWaiting ? own : std::nullopt), counted);
    if (moment <= _now) return grant(request, {});
    store(request, State::Waiting, moment, {});
    return moment;
}

TimePoint PermitRows::grant(const RateRequest& request, const std::optional<Permit>& earlier)
{
    if (!earlier)
    {
        store(request, State::Held, _now, {});
        return _now;
    }
    // Held again, as its effect may come again; and the effect that was, or may have been, counts on even if this grant is given back.
    const TimePoint keptAt = earlier->state == State::Spent ? earlier->at : _now;
    store(request, State::Held, std::max(earlier->at, _now), keptAt);
    return _now;
}

void PermitRows::spend(carillon::sqlite::Session& session, const std::string& messageId, TimePoint at)
{
    // Never before the grant: the effect came after it, whatever the worker's clock says.
    session.prepare("UPDATE permits SET at = CASE state WHEN 0 THEN ?2 ELSE max(at, ?2) END, state = 2 WHERE message_id = ?1")
        .bind(messageId, at)
        .run();
}

void PermitRows::release(carillon::sqlite::Session& session, const std::string& messageId)
{
    session.prepare("UPDATE permits SET state = 2, at = kept_at WHERE message_id = ?1 AND state = 1 AND kept_at IS NOT NULL")
        .bind(messageId)
        .run();
    session.prepare("DELETE FROM permits WHERE message_id = ?1 AND state <> 2").bind(messageId).run();
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

bool PermitRows::counts(const Permit& permit) const { return momentOf(permit) > _now - _limit.window; }

std::vector<TimePoint> PermitRows::countedMoments(const std::string& key)
{
    std::vector<TimePoint> moments;
    auto rows = _session.prepare("SELECT at FROM permits WHERE key = ?1 AND state = ?2 AND at > ?3");
    rows.bind(key, static_cast<int>(State::Spent), _now - _limit.window);
    while (rows.step()) moments.push_back(momentOf({State::Spent, rows.time(0)}));
    rows.reset();
    rows.bind(key, static_cast<int>(State::Held), _now - _limit.window - RateLimiter::heldFor);
    while (rows.step()) moments.push_back(momentOf({State::Held, rows.time(0)}));
    std::sort(moments.begin(), moments.end());
    return moments;
}

std::size_t PermitRows::countWaitingBefore(const RateRequest& request, const std::optional<Permit>& own)
{
    // Who did not come back for so long after its moment will not: it was cancelled, or has expired.
    const TimePoint oldest = _now - RateLimiter::heldFor;
    auto row =
        own ? _session.prepare("SELECT count(*) FROM permits WHERE key = ?1 AND state = 0 AND at > ?2 AND (at, message_id) < (?3, ?4)")
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

void PermitRows::store(const RateRequest& request, State state, TimePoint at, std::optional<TimePoint> keptAt)
{
    _session
        .prepare("INSERT INTO permits(message_id, key, state, at, kept_at) VALUES(?1, ?2, ?3, ?4, ?5) "
                 "ON CONFLICT(message_id, key) DO UPDATE SET state = excluded.state, at = excluded.at, kept_at = excluded.kept_at")
        .bind(request.messageId, request.key, static_cast<int>(state), at, keptAt)
        .run();
}

} // namespace carillon::stores::sqlite
