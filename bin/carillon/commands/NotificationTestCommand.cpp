#include "commands/CommandAssembly.h"
#include "commands/Commands.h"

#include "carillon/Errors.h"
#include "carillon/notification/DeviceRegistry.h"
#include "carillon/notification/NotificationService.h"
#include "port/Ledger.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <thread>

namespace carillon::commands
{
namespace
{

constexpr const char* messageType = "notification.send";

class NotificationTestCommand final : public cli::Command
{
public:
    std::string name() const override { return "notification:test"; }
    std::vector<std::string> aliases() const override { return {"app:notification:test"}; }
    std::string summary() const override { return "Send one test notification to a user, by the same way as all others, and say what became of it"; }
    std::string arguments() const override { return "USER TYPE"; }
    std::size_t maxArguments() const override { return 2; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"dry-run", "", "Every check, the provider's included, but nothing is delivered", ""},
                {"service", "", "diabetes, wellness or maternity (default: the first of notification.services)", "NAME"},
                {"title", "", "Title (default: the configured neutral one)", "TEXT"},
                {"body", "", "Text (default: the configured neutral one)", "TEXT"},
                {"wait", "", "How long to wait for a worker (default 30s)", "DURATION"}};
    }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        if (invocation.arguments.size() != 2) throw cli::UsageError("notification:test needs a user and a type, like: carillon notification:test 4711 reminder");
        const std::string& user = invocation.arguments[0];
        const std::string& word = invocation.arguments[1];
        if (!notification::notificationTypeFrom(word)) throw cli::UsageError(fmt::format("the type is alert, reminder or info, not '{}'", word));
        const config::Configuration& configuration = session.configuration();
        const auto& services = configuration.notification.services;
        const std::string service = invocation.value("service", services.front());
        if (std::find(services.begin(), services.end(), service) == services.end())
            throw cli::UsageError(fmt::format("the service is one of {}, not '{}'", fmt::join(services, ", "), service));
        const auto wait = durationOption(invocation, "wait").value_or(std::chrono::seconds(30));

        const CommandAssembly with = assemble(session);
        const cli::Console& console = session.console();
        const auto devices = with.assembly->store().devices().addressesOf({&user, 1});
        if (devices.count(user) == 0) throw Error("unknown user: nobody of that id is registered; register a device with `carillon device:import`");
        console.line(fmt::format("  {:<10}{}", "devices", devices.at(user).size()));

        Envelope envelope;
        envelope.type = messageType;
        envelope.id = newMessageId(systemClock().now());
        envelope.service = service;
        envelope.priority = 100;
        // A test that nobody took in time must not surprise anybody later.
        envelope.expiresAt = systemClock().now() + wait + std::chrono::minutes(1);
        if (invocation.has("dry-run")) envelope.headers[std::string(notification::dryRunHeader)] = "true";
        envelope.body = nlohmann::json{{"userId", user},
                                       {"type", word},
                                       {"title", invocation.value("title")},
                                       {"body", invocation.value("body")},
                                       {"data", {{"test", "true"}}},
                                       {"serviceName", service}}
                            .dump();
        const auto result = with.assembly->publisher().publish({envelope}).front();
        if (result.status == port::PublishResult::Status::Refused) throw Error("not published: " + result.reason);
        console.line(fmt::format("  {:<10}{}{}", "message", envelope.id, invocation.has("dry-run") ? " (dry run)" : ""));
        return report(*with.assembly, envelope, wait, console);
    }

private:
    static int report(compose::Assembly& assembly, const Envelope& envelope, std::chrono::milliseconds wait, const cli::Console& console)
    {
        const port::MessageKey key{envelope.type, envelope.id};
        const auto end = std::chrono::steady_clock::now() + wait;
        std::size_t told = 0;
        while (std::chrono::steady_clock::now() < end)
        {
            const auto row = assembly.store().ledger().lookUp({&key, 1}).front();
            if (row)
            {
                for (; told < row->history.failures.size(); ++told)
                    console.line(fmt::format("  {:<10}{}", console.styled("attempt", cli::Style::Warning),
                                             fmt::format("{} failed: {}", row->history.failures[told].attempt, row->history.failures[told].reason)));
                if (row->decided == port::Decided::Done)
                {
                    console.success("accepted by the provider");
                    return cli::Success;
                }
                if (port::isFinal(row->decided))
                {
                    console.error(fmt::format("{}; `carillon failed:show {}` tells more", toString(row->decided), envelope.id));
                    return cli::Failed;
                }
                if (row->decided == port::Decided::Defer)
                {
                    console.line(console.styled(fmt::format("deferred until {}; it is sent then, or expires at {}", toRfc3339(row->dueAt), toRfc3339(*envelope.expiresAt)),
                                                cli::Style::Warning));
                    return cli::Failed;
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        console.error(fmt::format("no worker finished it within {} s; is `carillon run` up? The message expires at {}", wait.count() / 1000,
                                  toRfc3339(*envelope.expiresAt)));
        return cli::Failed;
    }
};

} // namespace

std::unique_ptr<cli::Command> makeNotificationTestCommand()
{
    return std::make_unique<NotificationTestCommand>();
}

} // namespace carillon::commands
