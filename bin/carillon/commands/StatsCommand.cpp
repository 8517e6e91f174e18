#include "commands/CommandAssembly.h"
#include "commands/Commands.h"

#include "stats/Statistics.h"

#include <fmt/format.h>

namespace carillon::commands
{
namespace
{

std::string shown(const std::optional<std::uint64_t>& count)
{
    return count ? fmt::format("{}", *count) : "unknown";
}

class StatsCommand final : public cli::Command
{
public:
    std::string name() const override { return "stats"; }
    std::vector<std::string> aliases() const override { return {"messenger:stats"}; }
    std::string summary() const override { return "Count what waits in each transport, and what became of the messages so far"; }
    std::string arguments() const override { return "[transport...]"; }
    std::size_t maxArguments() const override { return 64; }
    std::vector<cli::OptionSpec> options() const override { return {formatOption()}; }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        const bool isJson = wantsJson(invocation);
        const CommandAssembly with = assemble(session);
        std::vector<std::string> names = invocation.arguments;
        if (names.empty())
            for (const auto& [name, transport] : with.assembly->transports())
                names.push_back(name);

        std::vector<port::Transport*> transports;
        for (const std::string& name : names)
            transports.push_back(&with.assembly->transport(name));
        const stats::Statistics statistics = stats::collect(with.assembly->store(), transports, systemClock().now());
        const cli::Console& console = session.console();
        if (isJson)
        {
            console.line(stats::toJson(statistics));
            return cli::Success;
        }
        std::vector<std::vector<std::string>> rows;
        for (const stats::QueueCounts& counts : statistics.queues)
        {
            const port::QueueStats& queue = counts.queue;
            const auto total = counts.total();
            const auto age = counts.oldestReadySeconds(statistics.at);
            rows.push_back({counts.transport, queue.queue, total ? fmt::format("{}", *total) : "uncountable", shown(queue.ready), shown(queue.scheduled),
                            shown(queue.taken), age ? fmt::format("{:.1f}s", *age) : "-", queue.paused ? "yes" : "no"});
        }
        std::vector<std::vector<std::string>> outcomes;
        for (const auto& [type, counts] : statistics.messages)
            outcomes.push_back({type, fmt::format("{}", counts.done), fmt::format("{}", counts.dead), fmt::format("{}", counts.expired),
                                fmt::format("{}", counts.cancelled), fmt::format("{}", counts.retries), fmt::format("{}", counts.deferrals)});
        console.table({"Transport", "Queue", "Count", "Ready", "Scheduled", "Taken", "Oldest", "Paused"}, rows);
        console.line();
        if (outcomes.empty())
            console.line(" No message has been decided yet.");
        else
            console.table({"Type", "Done", "Dead", "Expired", "Cancelled", "Retries", "Deferrals"}, outcomes);
        if (statistics.outbox > 0) console.line(fmt::format("\n {} in the outbox", statistics.outbox));
        return cli::Success;
    }
};

} // namespace

std::unique_ptr<cli::Command> makeStatsCommand()
{
    return std::make_unique<StatsCommand>();
}

} // namespace carillon::commands
