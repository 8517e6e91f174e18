#include "commands/Commands.h"
#include "commands/FailedRepair.h"

#include "carillon/Errors.h"
#include "port/DeadLetters.h"

#include <fmt/format.h>

namespace carillon::commands
{
namespace
{

class FailedRetryCommand final : public cli::Command
{
public:
    std::string name() const override { return "failed:retry"; }
    std::vector<std::string> aliases() const override { return {"messenger:failed:retry"}; }
    std::string summary() const override { return "Send dead letters again: those named, all with --force, or one by one"; }
    std::string arguments() const override { return "[id...]"; }
    std::size_t maxArguments() const override { return 10000; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"force", "", "Ask nothing; without ids: all", ""},
                {"transport", "", "Only those that failed on this transport", "NAME"},
                {"class-filter", "", "Only messages of this type", "TYPE"}};
    }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        const CommandAssembly with = assemble(session);
        _assembly = with.assembly.get();
        _session = &session;
        _console = &session.console();
        const bool isForced = invocation.has("force");
        std::vector<std::string> ids = invocation.arguments;
        if (ids.empty())
        {
            if (!isForced && !_console->isInteractive())
                throw cli::UsageError("without a terminal failed:retry needs ids, or --force for all: carillon failed:retry --force");
            ids = matchingIds(*_assembly, invocation.value("transport"), invocation.value("class-filter"));
            if (ids.empty())
            {
                _console->success("No failed messages were found.");
                return cli::Success;
            }
            if (!isForced) return oneByOne(ids);
        }
        return retryAll(ids);
    }

private:
    int retryAll(const std::vector<std::string>& ids)
    {
        cli::Progress progress(*_console, "retrying", ids.size() > 1 ? ids.size() : 0);
        std::size_t retried = 0;
        std::size_t missing = 0;
        for (const std::string& id : ids)
        {
            if (retry(id))
                ++retried;
            else
            {
                ++missing;
                _console->error(fmt::format("The message \"{}\" was not found; `carillon failed:show` lists those that failed", id));
            }
            progress.advance(1);
        }
        progress.finish();
        if (retried > 0) _console->success(fmt::format("{} message{} will be tried again.", retried, retried == 1 ? "" : "s"));
        return missing == 0 ? cli::Success : cli::Failed;
    }

    int oneByOne(const std::vector<std::string>& ids)
    {
        for (const std::string& id : ids)
        {
            const auto letter = _assembly->store().deadLetters().find(id);
            if (!letter) continue;
            _console->line(fmt::format("{} {}  failed {}: {}", letter->envelope.type, id, shownTime(letter->failedAt), letter->lastFailure.reason));
            const std::string answer = _console->choose("Please select an action", {"retry", "delete", "skip", "quit"}, "retry");
            if (answer == "quit") return cli::Success;
            if (answer == "skip") continue;
            if (answer == "delete")
            {
                audit(*_session, "removed a dead letter", id);
                _assembly->store().deadLetters().remove({&id, 1});
                _console->success(fmt::format("Message {} removed.", id));
            }
            else if (retry(id))
                _console->success(fmt::format("Message {} will be tried again.", id));
        }
        return cli::Success;
    }

    bool retry(const std::string& id)
    {
        audit(*_session, "retried a dead letter", id);
        return retryLetter(*_assembly, id);
    }

    compose::Assembly* _assembly = nullptr;
    cli::Session* _session = nullptr;
    const cli::Console* _console = nullptr;
};

} // namespace

std::unique_ptr<cli::Command> makeFailedRetryCommand()
{
    return std::make_unique<FailedRetryCommand>();
}

} // namespace carillon::commands
