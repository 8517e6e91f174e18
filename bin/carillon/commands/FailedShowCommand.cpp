#include "commands/CommandAssembly.h"
#include "commands/Commands.h"

#include "carillon/Errors.h"
#include "port/DeadLetters.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::commands
{
namespace
{

nlohmann::json failureJson(const port::Failure& failure)
{
    return {{"at", toRfc3339(failure.at)}, {"attempt", failure.attempt}, {"error_class", failure.errorClass}, {"error", failure.reason}};
}

nlohmann::json letterJson(const port::DeadLetter& letter, bool isRevealed)
{
    nlohmann::json history = nlohmann::json::array();
    for (const port::Failure& failure : letter.history.failures)
        history.push_back(failureJson(failure));
    nlohmann::json json{{"id", letter.envelope.id},
                        {"class", letter.envelope.type},
                        {"failed_at", toRfc3339(letter.failedAt)},
                        {"error", letter.lastFailure.reason},
                        {"error_class", letter.lastFailure.errorClass},
                        {"attempts", letter.envelope.attempt},
                        {"transport", letter.transport},
                        {"service", letter.envelope.service},
                        {"replays", letter.replays},
                        {"history", history},
                        {"history_omitted", letter.history.omitted}};
    if (isRevealed) json["body"] = letter.raw.empty() ? letter.envelope.body : letter.raw;
    return json;
}

/// A table's cell must stay one line and fit beside others.
std::string shortened(const std::string& text, std::size_t longest)
{
    if (text.size() <= longest) return text;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end) + "…";
}

class FailedShowCommand final : public cli::Command
{
public:
    std::string name() const override { return "failed:show"; }
    std::vector<std::string> aliases() const override { return {"messenger:failed:show"}; }
    std::string summary() const override { return "Show dead letters, or one with its whole history"; }
    std::string arguments() const override { return "[id]"; }
    std::size_t maxArguments() const override { return 1; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"max", "", "List at most so many (default 50)", "NUMBER"},
                {"transport", "", "Only those that failed on this transport", "NAME"},
                {"stats", "", "Count them by type", ""},
                {"class-filter", "", "Only messages of this type", "TYPE"},
                {"reveal", "", "Show the body too; it may hold a patient's data, and the look is written to the log", ""},
                formatOption()};
    }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        const bool isJson = wantsJson(invocation);
        const CommandAssembly with = assemble(session);
        port::DeadLetters& letters = with.assembly->store().deadLetters();
        const cli::Console& console = session.console();
        if (!invocation.arguments.empty()) return showOne(letters, invocation, console, isJson, session);
        if (invocation.has("stats")) return showStats(letters, console, isJson);

        port::DeadLetterFilter filter;
        filter.transport = invocation.value("transport");
        filter.type = invocation.value("class-filter");
        const auto max = std::min<std::uint64_t>(invocation.number("max", 50, 1), 10000);
        const auto page = letters.list(filter, max, {});
        if (isJson)
        {
            nlohmann::json list = nlohmann::json::array();
            for (const port::DeadLetter& letter : page.letters)
                list.push_back(letterJson(letter, false));
            console.line(nlohmann::json{{"total", letters.count(filter)}, {"messages", list}}.dump(2));
            return cli::Success;
        }
        if (page.letters.empty())
        {
            console.success("No failed messages were found.");
            return cli::Success;
        }
        std::vector<std::vector<std::string>> rows;
        for (const port::DeadLetter& letter : page.letters)
            rows.push_back({letter.envelope.type, letter.envelope.id, shownTime(letter.failedAt), shortened(letter.lastFailure.reason, 90)});
        const auto total = letters.count(filter);
        console.line(total > page.letters.size() ? fmt::format(" There are {} messages pending in the failure transport; the first {}:", total, page.letters.size())
                                                 : fmt::format(" There are {} messages pending in the failure transport.", total));
        console.line();
        console.table({"Class", "Id", "Failed at", "Error"}, rows);
        console.line();
        console.comment("Run carillon failed:show {id} to see one message's details.");
        return cli::Success;
    }

private:
    static int showStats(port::DeadLetters& letters, const cli::Console& console, bool isJson)
    {
        const auto counts = letters.countByType();
        if (isJson)
        {
            console.line(nlohmann::json(counts).dump(2));
            return cli::Success;
        }
        if (counts.empty())
        {
            console.success("No failed messages were found.");
            return cli::Success;
        }
        std::vector<std::vector<std::string>> rows;
        for (const auto& [type, count] : counts)
            rows.push_back({type, fmt::format("{}", count)});
        console.table({"Class", "Count"}, rows);
        return cli::Success;
    }

    static int showOne(port::DeadLetters& letters, const cli::Invocation& invocation, const cli::Console& console, bool isJson, cli::Session& session)
    {
        const std::string& id = invocation.arguments.front();
        const auto found = letters.find(id);
        if (!found) throw Error(fmt::format("The message \"{}\" was not found; `carillon failed:show` lists those that failed", id));
        const bool isRevealed = invocation.has("reveal");
        if (isRevealed) audit(session, "revealed a dead letter's body", id);
        if (isJson)
        {
            console.line(letterJson(*found, isRevealed).dump(2));
            return cli::Success;
        }
        const auto row = [&console](const std::string& name, const std::string& value) { console.line(fmt::format("  {:<14}{}", name, value)); };
        console.line(console.styled("Failed message details", cli::Style::Bold));
        row("Class", found->envelope.type);
        row("Message Id", found->envelope.id);
        row("Failed at", shownTime(found->failedAt));
        row("Error", found->lastFailure.reason);
        row("Error Class", found->lastFailure.errorClass.empty() ? "(unknown)" : found->lastFailure.errorClass);
        row("Attempts", fmt::format("{}", found->envelope.attempt));
        row("Transport", found->transport);
        if (!found->envelope.traceParent.empty()) row("Trace", found->envelope.traceParent);
        if (found->replays > 0) row("Replays", fmt::format("{}", found->replays));
        console.line();
        console.line(console.styled("Message history", cli::Style::Bold));
        for (std::size_t i = 0; i < found->history.failures.size(); ++i)
        {
            const port::Failure& failure = found->history.failures[i];
            if (found->history.omitted > 0 && i == found->history.failures.size() / 2) console.line(fmt::format("  … {} more …", found->history.omitted));
            const bool isLast = i + 1 == found->history.failures.size();
            console.line(fmt::format("  {} attempt {} failed{}: {}", toRfc3339(failure.at), failure.attempt, isLast ? ", given up" : " and was redelivered",
                                     failure.reason));
        }
        console.line();
        if (isRevealed)
        {
            console.line(console.styled("Body", cli::Style::Bold));
            console.line("  " + (found->raw.empty() ? found->envelope.body : found->raw));
        }
        else
            console.comment("The body is not shown; --reveal shows it, and that is written to the log.");
        console.comment(fmt::format("Run carillon failed:retry {} to try it again, or carillon failed:remove {} to delete it.", id, id));
        return cli::Success;
    }
};

} // namespace

std::unique_ptr<cli::Command> makeFailedShowCommand()
{
    return std::make_unique<FailedShowCommand>();
}

} // namespace carillon::commands
