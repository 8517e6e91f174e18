#include "admin/Readiness.h"

#include <fmt/format.h>

#include <algorithm>

namespace carillon::admin
{
namespace
{

using metrics::BoardSnapshot;
using metrics::State;

/// A group's processes taken together.
struct Crew
{
    bool isAny = false;
    bool isReady = false;
    bool isQuiet = false;
    bool hasFreeHandler = false;
    bool isPaused = false;
    /// The latest of: a message reached a handler, a process that takes messages started.
    std::chrono::nanoseconds lastSign{0};
};

Crew crewOf(const std::string& group, std::span<const BoardSnapshot> boards)
{
    Crew crew;
    for (const BoardSnapshot& board : boards)
    {
        if (board.identity.role != metrics::Role::Worker || board.identity.group != group) continue;
        crew.isAny = true;
        crew.isQuiet = crew.isQuiet || board.state == State::Quiet;
        // One that has left before still tells when the group was last alive.
        crew.lastSign = std::max(crew.lastSign, board.reachedHandler);
        if (board.state != State::Ready) continue;
        crew.isReady = true;
        crew.lastSign = std::max(crew.lastSign, board.started);
        crew.isPaused = crew.isPaused || board.paused > 0;
        crew.hasFreeHandler = crew.hasFreeHandler || board.busyHandlers < board.handlerThreads;
    }
    return crew;
}

void judgeQueue(const std::string& name, const ConsumingGroup& group, const Crew& crew, const std::string& transport,
                const port::QueueStats& queue, TimePoint observedAt, std::chrono::nanoseconds bootNow, std::vector<Stall>& stalls)
{
    if (queue.paused) return;
    if (!queue.ready)
    {
        stalls.push_back({name, transport, "it is not known how many messages wait"});
        return;
    }
    if (*queue.ready == 0 || crew.isPaused || !crew.hasFreeHandler) return;
    std::chrono::nanoseconds since = bootNow - crew.lastSign;
    if (queue.oldestReadySince) since = std::min<std::chrono::nanoseconds>(since, observedAt - *queue.oldestReadySince);
    if (since < group.stallAfter) return;
    stalls.push_back({name, transport,
                      fmt::format("{} messages wait and a handler is free, but none has reached one for {} s", *queue.ready,
                                  std::chrono::duration_cast<std::chrono::seconds>(since).count())});
}

} // namespace

std::vector<Stall> findStalls(const std::map<std::string, ConsumingGroup>& groups, std::span<const BoardSnapshot> boards,
                              const std::optional<Observation>& observation, std::chrono::nanoseconds bootNow)
{
    std::vector<Stall> stalls;
    if (groups.empty()) stalls.push_back({"", "", "no worker group is configured"});
    for (const auto& [name, group] : groups)
    {
        const Crew crew = crewOf(name, boards);
        if (!crew.isReady)
        {
            // TSTP is an operator's wish: nothing new is taken, and that is no fault.
            if (!crew.isQuiet) stalls.push_back({name, "", crew.isAny ? "none of its workers is ready" : "no worker of it runs here"});
            continue;
        }
        for (const std::string& transport : group.transports)
        {
            const auto found =
                observation ? observation->queues.find(transport) : std::map<std::string, std::vector<port::QueueStats>>::const_iterator{};
            if (!observation || found == observation->queues.end())
            {
                stalls.push_back({name, transport, "it is not known how many messages wait: the transport does not answer"});
                continue;
            }
            for (const port::QueueStats& queue : found->second)
                judgeQueue(name, group, crew, transport, queue, observation->at, bootNow, stalls);
        }
    }
    return stalls;
}

} // namespace carillon::admin
