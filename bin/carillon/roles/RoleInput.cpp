#include "roles/RoleInput.h"

#include "carillon/Errors.h"
#include "config/Handover.h"

#include <nlohmann/json.hpp>

namespace carillon::roles
{

std::string pack(const RoleInput& input)
{
    const ConsumeOptions& consume = input.consume;
    // The configuration's own text is bytes to us: it goes behind the JSON, not into it.
    const nlohmann::json head{{"manifests", plugin::toJson(input.manifests)},
                              {"transports", consume.transports},
                              {"queues", consume.queues},
                              {"limit", consume.limit},
                              {"failure_limit", consume.failureLimit},
                              {"time_limit_ms", consume.timeLimit.count()},
                              {"memory_limit", consume.memoryLimit},
                              {"sleep_ms", consume.sleep.count()}};
    return head.dump() + "\n" + config::serialize(input.configuration);
}

RoleInput unpack(const std::string& text)
{
    const auto end = text.find('\n');
    if (end == std::string::npos) throw ConfigurationError("what the master handed over is cut off; start it again");
    RoleInput input;
    try
    {
        const auto head = nlohmann::json::parse(text.substr(0, end));
        input.manifests = plugin::manifestsFromJson(head.at("manifests"));
        input.consume.transports = head.at("transports").get<std::vector<std::string>>();
        input.consume.queues = head.at("queues").get<std::vector<std::string>>();
        input.consume.limit = head.at("limit");
        input.consume.failureLimit = head.at("failure_limit");
        input.consume.timeLimit = std::chrono::milliseconds(head.at("time_limit_ms").get<std::int64_t>());
        input.consume.memoryLimit = head.at("memory_limit");
        input.consume.sleep = std::chrono::milliseconds(head.at("sleep_ms").get<std::int64_t>());
    }
    catch (const nlohmann::json::exception& error)
    {
        throw ConfigurationError(std::string("what the master handed over cannot be read: ") + error.what());
    }
    input.configuration = config::deserialize(text.substr(end + 1));
    return input;
}

} // namespace carillon::roles
