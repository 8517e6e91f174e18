#pragma once

#include "admin/Readiness.h"
#include "audit/AuditLog.h"
#include "carillon/Clock.h"
#include "carillon/Logger.h"
#include "config/Configuration.h"
#include "metrics/Snapshot.h"
#include "port/Store.h"
#include "port/Transport.h"
#include "publish/Publisher.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace carillon::admin
{

/// What the server shows and works on. All of it outlives the server.
struct Instance
{
    port::Store& store;
    /// By configured name.
    std::map<std::string, port::Transport*> transports;
    const publish::Publisher& publisher;
    /// The processes of this instance, the master's board first.
    std::function<std::vector<metrics::BoardSnapshot>()> boards;
    std::map<std::string, ConsumingGroup> groups;
    const audit::AuditLog& audit;
    const Clock& clock;
    Logger logger;
    std::string version;
};

} // namespace carillon::admin
