#include "roles/WorkerRole.h"

#include "compose/Assembly.h"
#include "compose/Logging.h"
#include "compose/WorkerAssembly.h"
#include "process/Master.h"
#include "roles/RoleInput.h"
#include "worker/WorkerPool.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>

namespace carillon::roles
{
namespace
{

/// Resident bytes of this process; 0 when /proc does not tell.
std::uint64_t residentBytes()
{
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

worker::WorkerPool::Options poolOptions(const RoleInput& input, const config::Group& group, const publish::Publisher& publisher)
{
    worker::WorkerPool::Options options;
    options.threads = static_cast<std::size_t>(group.threads);
    options.maxBatch = static_cast<std::size_t>(group.maxBatch);
    options.limits = {input.consume.limit, input.consume.failureLimit};
    if (input.consume.sleep.count() > 0) options.idleWait = input.consume.sleep;
    options.processing.limits = publisher.limits();
    return options;
}

/// Why the worker should end by itself; empty while it should not.
std::string reachedLimit(const worker::WorkerPool& pool, const ConsumeOptions& consume, std::uint64_t groupMemory, std::chrono::steady_clock::time_point started)
{
    if (std::string reached = pool.reachedLimit(); !reached.empty()) return reached;
    if (consume.timeLimit.count() > 0 && std::chrono::steady_clock::now() - started >= consume.timeLimit)
        return fmt::format("{} s of running", consume.timeLimit.count() / 1000);
    const std::uint64_t memory = consume.memoryLimit > 0 ? consume.memoryLimit : groupMemory;
    if (memory > 0)
        if (const auto resident = residentBytes(); resident > memory) return fmt::format("{} MiB of memory (of {} MiB)", resident >> 20, memory >> 20);
    return {};
}

} // namespace

int runWorker(process::ChildRuntime& runtime)
{
    const RoleInput input = unpack(runtime.configuration());
    const config::Configuration& configuration = input.configuration;
    const metrics::Identity& identity = runtime.identity();
    const config::Group& group = configuration.groups.at(identity.group);
    const std::string name = fmt::format("worker-{}-{}", identity.group, identity.index);
    const Logger logger = compose::startLogging(configuration, name);

    compose::Assembly assembly(configuration, input.manifests, systemClock());
    assembly.setUp();
    compose::WorkerAssembly plugins(configuration, identity.group, input.manifests, assembly, runtime.metrics(), systemClock(), logger);
    worker::WorkerPool pool(plugins.sources(input.consume.transports, input.consume.queues, name), plugins.types(), assembly.store(), assembly.publisher(),
                            runtime.metrics(), runtime.slots(), poolOptions(input, group, assembly.publisher()), systemClock(), logger.named("worker"));
    const auto quiet = runtime.onQuiet([&pool](bool isQuiet) { pool.setQuiet(isQuiet); });
    const auto hurry = runtime.onHurry([&pool] { pool.hurry(); });

    pool.start();
    if (runtime.isQuiet()) pool.setQuiet(true);
    runtime.ready();
    logger.info("consuming", {{"group", identity.group}, {"threads", group.threads}, {"types", plugins.types().size()}, {"pid", getpid()}});

    const auto started = std::chrono::steady_clock::now();
    // Limits are looked at more often than the heart must beat: `--limit 1` should not wait a second for its end.
    const bool hasLimit = input.consume.limit > 0 || input.consume.failureLimit > 0 || input.consume.timeLimit.count() > 0;
    const auto interval = hasLimit ? std::min(runtime.heartbeatInterval(), std::chrono::milliseconds{20}) : runtime.heartbeatInterval();
    while (!runtime.waitForStop(interval))
    {
        runtime.beat();
        const std::string reached = reachedLimit(pool, input.consume, group.memoryLimit, started);
        if (reached.empty()) continue;
        logger.info("ending: reached " + reached, {{"handled", pool.handled()}});
        runtime.requestStop();
    }

    pool.beginDrain();
    // The master kills when the time is over: what still runs then is given back before, or it would wait for the end of its lease.
    const auto timeToGiveBack = std::min<std::chrono::milliseconds>(runtime.drainTimeout() / 5, std::chrono::milliseconds{1000});
    const auto end = std::chrono::steady_clock::now() + runtime.drainTimeout() - timeToGiveBack;
    std::optional<std::chrono::steady_clock::time_point> hurriedEnd;
    while (!pool.waitDrained(std::chrono::milliseconds{50}))
    {
        runtime.beat();
        const auto now = std::chrono::steady_clock::now();
        if (runtime.isHurried() && !hurriedEnd) hurriedEnd = now + std::chrono::milliseconds{500};
        if (now < std::min(end, hurriedEnd.value_or(end))) continue;
        logger.warning("handlers still ran when the time to drain was over; their messages were given back", {{"handled", pool.handled()}});
        pool.abandon();
        compose::flushLogging();
        _exit(process::exitDrainTimeout);
    }
    logger.info("drained", {{"handled", pool.handled()}});
    return 0;
}

} // namespace carillon::roles
