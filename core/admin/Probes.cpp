#include "admin/Probes.h"

#include "metrics/BootClock.h"
#include "metrics/Exposition.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::admin
{

using nlohmann::json;

Probes::Probes(const Instance& instance, Observer& observer) : _instance(instance), _observer(observer), _metrics(instance.boards, observer)
{
}

void Probes::addTo(Routes& routes)
{
    const auto add = [&routes](const char* path, std::function<Response()> answer)
    {
        routes.add("GET", path, Access::Probe,
                   {[answer = std::move(answer)](const Request&, const PathValues&) { return answer(); }, {}, false});
    };
    add("/health", [this] { return health(); });
    add("/livez", [] { return jsonResponse(200, R"({"status":"ok"})"); });
    add("/readyz", [this] { return ready(); });
    add("/readyz/consume", [this] { return consuming(); });
    add("/metrics", [this] { return Response{200, std::string(metrics::expositionContentType), _metrics.text(), {}}; });
}

Response Probes::health() const
{
    return jsonResponse(200,
                        json{{"status", "ok"}, {"timestamp", toRfc3339(_instance.clock.now())}, {"version", _instance.version}}.dump());
}

Response Probes::ready()
{
    json reasons = json::array();
    const auto boards = _instance.boards();
    const bool isMasterDraining =
        std::any_of(boards.begin(), boards.end(),
                    [](const metrics::BoardSnapshot& board)
                    {
                        return board.identity.role == metrics::Role::Master &&
                               (board.state == metrics::State::Draining || board.state == metrics::State::Stopped);
                    });
    if (_isDraining || isMasterDraining) reasons.push_back("draining");
    const auto observation = _observer.look();
    if (!observation)
        reasons.push_back("the store does not answer");
    else if (!observation->isStoreWell)
        reasons.push_back("the store cannot be read and written; the log says why");
    const bool isReady = reasons.empty();
    return jsonResponse(isReady ? 200 : 503, json{{"status", isReady ? "ok" : "unavailable"}, {"reasons", reasons}}.dump());
}

Response Probes::consuming()
{
    json reasons = json::array();
    for (const Stall& stall : findStalls(_instance.groups, _instance.boards(), _observer.look(), metrics::bootNow()))
        reasons.push_back({{"group", stall.group}, {"transport", stall.transport}, {"reason", stall.reason}});
    const bool isConsuming = reasons.empty();
    return jsonResponse(isConsuming ? 200 : 503, json{{"status", isConsuming ? "ok" : "stalled"}, {"reasons", reasons}}.dump());
}

} // namespace carillon::admin
