#include "fcm/RequestLog.h"

#include "fcm/Json.h"

#include <nlohmann/json.hpp>

namespace carillon::fakefcm
{

std::string RequestRecord::toJson() const
{
    const Json record = {
        {"seq", sequence},
        {"time", std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count()},
        {"protocol", protocol},
        {"connection", connection},
        {"stream", stream},
        {"method", method},
        {"path", path},
        {"address", address},
        {"status", status},
        {"errorCode", errorCode},
        {"delayMs", delay.count()},
        {"delivered", delivered},
        {"validateOnly", validateOnly},
    };
    return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void RequestLog::append(RequestRecord record)
{
    record.sequence = ++_sequence;
    const auto status = static_cast<std::size_t>(record.status);
    if (status < _byStatus.size()) ++_byStatus[status];
    _records.push_back(std::move(record));
    if (_records.size() > _keep) _records.pop_front();
}

void RequestLog::clear()
{
    _records.clear();
    _byStatus = {};
}

} // namespace carillon::fakefcm
