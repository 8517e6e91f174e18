#include "stats/Statistics.h"

#include "port/DeadLetters.h"
#include "port/Ledger.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::stats
{
namespace
{

template <typename Number>
nlohmann::json orNull(const std::optional<Number>& number)
{
    return number ? nlohmann::json(*number) : nlohmann::json();
}

} // namespace

std::optional<std::uint64_t> QueueCounts::total() const
{
    if (!queue.ready || !queue.scheduled || !queue.taken) return {};
    return *queue.ready + *queue.scheduled + *queue.taken;
}

std::optional<double> QueueCounts::oldestReadySeconds(TimePoint now) const
{
    if (!queue.oldestReadySince) return {};
    return std::max(0.0, std::chrono::duration<double>(now - *queue.oldestReadySince).count());
}

Statistics collect(port::Store& store, std::span<port::Transport* const> transports, TimePoint now)
{
    Statistics statistics;
    statistics.at = now;
    for (port::Transport* transport : transports)
        for (port::QueueStats& queue : transport->stats()) statistics.queues.push_back({transport->name(), std::move(queue)});
    const auto dead = store.deadLetters().countByType();
    for (const auto& [type, counts] : store.ledger().tallies())
    {
        const auto of = [&counts = counts](port::Decided decided)
        {
            const auto found = counts.find(decided);
            return found == counts.end() ? std::uint64_t{0} : found->second;
        };
        const auto waiting = dead.find(type);
        statistics.messages[type] = {of(port::Decided::Done),      waiting == dead.end() ? 0 : waiting->second,
                                     of(port::Decided::Dead),      of(port::Decided::Expired),
                                     of(port::Decided::Cancelled), of(port::Decided::Retry),
                                     of(port::Decided::Defer)};
    }
    statistics.outbox = store.ledger().outboxSize();
    return statistics;
}

std::string toJson(const Statistics& statistics)
{
    nlohmann::json transports = nlohmann::json::object();
    for (const QueueCounts& counts : statistics.queues)
        transports[counts.transport] = {
            {"queue", counts.queue.queue},         {"count", orNull(counts.total())},
            {"ready", orNull(counts.queue.ready)}, {"scheduled", orNull(counts.queue.scheduled)},
            {"taken", orNull(counts.queue.taken)}, {"oldest_ready_seconds", orNull(counts.oldestReadySeconds(statistics.at))},
            {"paused", counts.queue.paused}};
    nlohmann::json messages = nlohmann::json::object();
    for (const auto& [type, counts] : statistics.messages)
        messages[type] = {{"done", counts.done},          {"dead", counts.dead},           {"died", counts.died},
                          {"expired", counts.expired},    {"cancelled", counts.cancelled}, {"retries", counts.retries},
                          {"deferrals", counts.deferrals}};
    return nlohmann::json{{"transports", transports}, {"messages", messages}, {"outbox", statistics.outbox}}.dump(2);
}

} // namespace carillon::stats
