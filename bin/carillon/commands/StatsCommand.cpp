#include "commands/CommandAssembly.h"
#include "commands/Commands.h"

#include "carillon/Errors.h"
#include "port/DeadLetters.h"
#include "port/Ledger.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::commands
{
namespace
{

std::string shown(const std::optional<std::uint64_t>& count)
{
    return count ? fmt::format("{}", *count) : "unknown";
}

nlohmann::json asJson(const std::optional<std::uint64_t>& count)
{
    return count ? nlohmann::json(*count) : nlohmann::json();
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

        port::Store& store = with.assembly->store();
        const port::Tallies tallies = store.ledger().tallies();
        const auto dead = store.deadLetters().countByType();
        const auto outbox = store.ledger().outboxSize();
        nlohmann::json transports = nlohmann::json::object();
        std::vector<std::vector<std::string>> rows;
        const TimePoint now = systemClock().now();
        for (const std::string& name : names)
            for (const port::QueueStats& queue : with.assembly->transport(name).stats())
            {
                const std::optional<double> age =
                    queue.oldestReadySince ? std::optional(std::chrono::duration<double>(now - *queue.oldestReadySince).count()) : std::nullopt;
                const bool isKnown = queue.ready && queue.scheduled && queue.taken;
                transports[name] = {{"queue", queue.queue},
                                    {"count", isKnown ? nlohmann::json(*queue.ready + *queue.scheduled + *queue.taken) : nlohmann::json()},
                                    {"ready", asJson(queue.ready)},
                                    {"scheduled", asJson(queue.scheduled)},
                                    {"taken", asJson(queue.taken)},
                                    {"oldest_ready_seconds", age ? nlohmann::json(std::max(0.0, *age)) : nlohmann::json()},
                                    {"paused", queue.paused}};
                rows.push_back({name, queue.queue, isKnown ? fmt::format("{}", *queue.ready + *queue.scheduled + *queue.taken) : "uncountable",
                                shown(queue.ready), shown(queue.scheduled), shown(queue.taken), age ? fmt::format("{:.1f}s", std::max(0.0, *age)) : "-",
                                queue.paused ? "yes" : "no"});
            }

        nlohmann::json messages = nlohmann::json::object();
        std::vector<std::vector<std::string>> outcomes;
        for (const auto& [type, counts] : tallies)
        {
            const auto of = [&counts = counts](port::Decided decided) {
                const auto found = counts.find(decided);
                return found == counts.end() ? std::uint64_t{0} : found->second;
            };
            const auto waiting = dead.find(type);
            const std::uint64_t deadNow = waiting == dead.end() ? 0 : waiting->second;
            messages[type] = {{"done", of(port::Decided::Done)},           {"dead", deadNow},
                              {"died", of(port::Decided::Dead)},           {"expired", of(port::Decided::Expired)},
                              {"cancelled", of(port::Decided::Cancelled)}, {"retries", of(port::Decided::Retry)},
                              {"deferrals", of(port::Decided::Defer)}};
            outcomes.push_back({type, fmt::format("{}", of(port::Decided::Done)), fmt::format("{}", deadNow), fmt::format("{}", of(port::Decided::Expired)),
                                fmt::format("{}", of(port::Decided::Cancelled)), fmt::format("{}", of(port::Decided::Retry)),
                                fmt::format("{}", of(port::Decided::Defer))});
        }
        const cli::Console& console = session.console();
        if (isJson)
        {
            console.line(nlohmann::json{{"transports", transports}, {"messages", messages}, {"outbox", outbox}}.dump(2));
            return cli::Success;
        }
        console.table({"Transport", "Queue", "Count", "Ready", "Scheduled", "Taken", "Oldest", "Paused"}, rows);
        console.line();
        if (outcomes.empty())
            console.line(" No message has been decided yet.");
        else
            console.table({"Type", "Done", "Dead", "Expired", "Cancelled", "Retries", "Deferrals"}, outcomes);
        if (outbox > 0) console.line(fmt::format("\n {} in the outbox", outbox));
        return cli::Success;
    }
};

} // namespace

std::unique_ptr<cli::Command> makeStatsCommand()
{
    return std::make_unique<StatsCommand>();
}

} // namespace carillon::commands
