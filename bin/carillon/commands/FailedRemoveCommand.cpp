#include "commands/Commands.h"
#include "commands/FailedRepair.h"

#include "carillon/Errors.h"
#include "port/DeadLetters.h"

#include <fmt/format.h>

namespace carillon::commands
{
namespace
{

class FailedRemoveCommand final : public cli::Command
{
public:
    std::string name() const override { return "failed:remove"; }
    std::vector<std::string> aliases() const override { return {"messenger:failed:remove"}; }
    std::string summary() const override { return "Delete dead letters: those named, or all with --all"; }
    std::string arguments() const override { return "[id...]"; }
    std::size_t maxArguments() const override { return 10000; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"all", "", "All that match", ""},
                {"force", "", "Ask nothing", ""},
                {"transport", "", "With --all: only those that failed on this transport", "NAME"},
                {"class-filter", "", "With --all: only messages of this type", "TYPE"},
                {"show-messages", "", "Name each before asking", ""}};
    }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        const bool isAll = invocation.has("all");
        if (isAll == !invocation.arguments.empty()) throw cli::UsageError("failed:remove takes either ids or --all");
        if (!isAll && (invocation.has("transport") || invocation.has("class-filter")))
            throw cli::UsageError("--transport and --class-filter go with --all");
        const CommandAssembly with = assemble(session);
        port::DeadLetters& letters = with.assembly->store().deadLetters();
        const cli::Console& console = session.console();
        const std::vector<std::string> ids =
            isAll ? matchingIds(*with.assembly, invocation.value("transport"), invocation.value("class-filter")) : invocation.arguments;
        if (ids.empty())
        {
            console.success("No failed messages were found.");
            return cli::Success;
        }
        if (invocation.has("show-messages"))
            for (const std::string& id : ids)
                if (const auto letter = letters.find(id))
                    console.line(fmt::format("{} {}  failed {}: {}", letter->envelope.type, id, shownTime(letter->failedAt), letter->lastFailure.reason));
        if (!invocation.has("force"))
        {
            if (!console.isInteractive()) throw cli::UsageError("without a terminal failed:remove needs --force");
            if (!console.confirm(fmt::format("Remove {} message{} for good?", ids.size(), ids.size() == 1 ? "" : "s"), false)) return cli::Success;
        }
        std::size_t removed = 0;
        for (const std::string& id : ids)
        {
            if (!letters.find(id))
            {
                console.error(fmt::format("The message \"{}\" was not found; `carillon failed:show` lists those that failed", id));
                continue;
            }
            audit(session, "removed a dead letter", id);
            removed += letters.remove({&id, 1});
        }
        if (removed > 0) console.success(fmt::format("{} message{} removed.", removed, removed == 1 ? "" : "s"));
        return removed == ids.size() ? cli::Success : cli::Failed;
    }
};

} // namespace

std::unique_ptr<cli::Command> makeFailedRemoveCommand()
{
    return std::make_unique<FailedRemoveCommand>();
}

} // namespace carillon::commands
