#include "commands/CommandAssembly.h"
#include "commands/Commands.h"
#include "compose/Launch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace carillon::commands
{
namespace
{

class ConsumeCommand final : public cli::Command
{
public:
    std::string name() const override { return "consume"; }
    std::vector<std::string> aliases() const override { return {"messenger:consume"}; }
    std::string summary() const override { return "Consume messages: workers and clerk, without the admin server"; }
    std::string arguments() const override { return "[transport...]"; }
    std::size_t maxArguments() const override { return 64; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"limit", "l", "End after so many messages", "NUMBER"},
                {"failure-limit", "f", "End after so many failed messages", "NUMBER"},
                {"memory-limit", "m", "End above so much memory, like 128M", "SIZE"},
                {"time-limit", "t", "End after so long, in seconds or like 10m", "DURATION"},
                {"sleep", "", "Longest time between two looks while nothing comes (default 1s); messages wake workers at once", "SECONDS"},
                {"queues", "", "Only these queues of the transports", "QUEUE", true},
                {"single-process", "", "All roles as threads of one process", ""}};
    }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        compose::Start start;
        start.admin = false;
        start.singleProcess = invocation.has("single-process");
        start.consume.transports = invocation.arguments;
        start.consume.queues = invocation.values("queues");
        start.consume.limit = invocation.number("limit", 0, 1);
        start.consume.failureLimit = invocation.number("failure-limit", 0, 1);
        start.consume.timeLimit = durationOption(invocation, "time-limit").value_or(std::chrono::milliseconds{0});
        start.consume.memoryLimit = sizeOption(invocation, "memory-limit").value_or(0);
        start.consume.sleep = durationOption(invocation, "sleep").value_or(std::chrono::milliseconds{0});

        const config::Configuration& configuration = session.configuration();
        std::vector<std::string> valid;
        for (const auto& [name, transport] : configuration.transports)
            valid.push_back(name);
        for (const std::string& name : start.consume.transports)
            if (configuration.transports.count(name) == 0)
                throw cli::UsageError(fmt::format("The receiver \"{}\" does not exist. Valid receivers are: {}.", name, fmt::join(valid, ", ")));
        checkQueues(configuration, start.consume);
        announce(session.console(), configuration, start.consume);
        return compose::launch(session, start);
    }

private:
    /// Before anything starts: a worker that cannot find its queue would be started again and again.
    static void checkQueues(const config::Configuration& configuration, const roles::ConsumeOptions& consume)
    {
        std::vector<std::string> valid;
        for (const auto& [name, transport] : configuration.transports)
            if (consume.transports.empty() || std::find(consume.transports.begin(), consume.transports.end(), name) != consume.transports.end())
                valid.push_back(transport.queue);
        for (const std::string& queue : consume.queues)
            if (std::find(valid.begin(), valid.end(), queue) == valid.end())
                throw cli::UsageError(fmt::format("--queues: no consumed transport has a queue '{}'; there are: {}", queue, fmt::join(valid, ", ")));
    }

    /// Symfony's words, so that scripts and eyes that know them feel at home.
    static void announce(const cli::Console& console, const config::Configuration& configuration, const roles::ConsumeOptions& consume)
    {
        std::vector<std::string> names = consume.transports;
        if (names.empty())
            for (const auto& [name, group] : configuration.groups)
                names.insert(names.end(), group.transports.begin(), group.transports.end());
        console.success(fmt::format("Consuming messages from transport{} \"{}\".", names.size() > 1 ? "s" : "", fmt::join(names, ", ")));

        std::vector<std::string> ends;
        if (consume.limit > 0) ends.push_back(fmt::format("processed {} messages", consume.limit));
        if (consume.failureLimit > 0) ends.push_back(fmt::format("reached {} failed messages", consume.failureLimit));
        if (consume.memoryLimit > 0) ends.push_back(fmt::format("exceeded {}M of memory", consume.memoryLimit >> 20));
        if (consume.timeLimit.count() > 0) ends.push_back(fmt::format("been running for {}s", consume.timeLimit.count() / 1000));
        if (!ends.empty()) console.comment(fmt::format("The worker will automatically exit once it has {}.", fmt::join(ends, ", ")));
        console.comment("Quit the worker with CONTROL-C.");
    }
};

} // namespace

std::unique_ptr<cli::Command> makeConsumeCommand()
{
    return std::make_unique<ConsumeCommand>();
}

} // namespace carillon::commands
