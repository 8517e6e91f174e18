#include "commands/CommandAssembly.h"
#include "commands/Commands.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace carillon::commands
{
namespace
{

const char* stateName(port::QueuedMessage::State state)
{
    switch (state)
    {
    case port::QueuedMessage::State::Ready: return "ready";
    case port::QueuedMessage::State::Scheduled: return "scheduled";
    case port::QueuedMessage::State::Taken: return "taken";
    }
    return "?";
}

class QueueShowCommand final : public cli::Command
{
public:
    std::string name() const override { return "queue:show"; }
    std::string summary() const override { return "List the messages that wait in a transport, and until when; bodies are not shown"; }
    std::string arguments() const override { return "TRANSPORT"; }
    std::size_t maxArguments() const override { return 1; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"max", "", "List at most so many (default 50)", "NUMBER"},
                {"scheduled", "", "Only those that are due later", ""},
                formatOption()};
    }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        if (invocation.arguments.empty()) throw cli::UsageError("queue:show needs a transport, like: carillon queue:show notifications");
        const bool isJson = wantsJson(invocation);
        const auto max = invocation.number("max", 50, 1);
        const CommandAssembly with = assemble(session);
        port::Transport& transport = with.assembly->transport(invocation.arguments.front());
        nlohmann::json list = nlohmann::json::array();
        std::vector<std::vector<std::string>> rows;
        for (const port::QueueStats& queue : transport.stats())
        {
            std::string after;
            while (rows.size() < max)
            {
                const auto page = transport.inspect(queue.queue, 200, after);
                if (page.empty()) break;
                after = page.back().envelope.id;
                for (const port::QueuedMessage& message : page)
                {
                    if (rows.size() == max) break;
                    if (invocation.has("scheduled") && message.state != port::QueuedMessage::State::Scheduled) continue;
                    const Envelope& envelope = message.envelope;
                    rows.push_back({envelope.id, envelope.type, stateName(message.state), fmt::format("{}", envelope.attempt),
                                    envelope.dueAt ? toRfc3339(*envelope.dueAt) : "-", fmt::format("{}", envelope.priority)});
                    list.push_back({{"id", envelope.id},
                                    {"type", envelope.type},
                                    {"queue", queue.queue},
                                    {"state", stateName(message.state)},
                                    {"attempt", envelope.attempt},
                                    {"turn", envelope.turn},
                                    {"due_at", envelope.dueAt ? nlohmann::json(toRfc3339(*envelope.dueAt)) : nlohmann::json()},
                                    {"priority", envelope.priority}});
                }
            }
        }
        const cli::Console& console = session.console();
        if (isJson)
            console.line(list.dump(2));
        else if (rows.empty())
            console.success("No message waits.");
        else
            console.table({"Id", "Type", "State", "Attempt", "Due", "Priority"}, rows);
        return cli::Success;
    }
};

} // namespace

std::unique_ptr<cli::Command> makeQueueShowCommand()
{
    return std::make_unique<QueueShowCommand>();
}

} // namespace carillon::commands
