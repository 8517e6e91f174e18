#include "commands/Commands.h"
#include "compose/Launch.h"

namespace carillon::commands
{
namespace
{

class RunCommand final : public cli::Command
{
public:
    std::string name() const override { return "run"; }
    std::string summary() const override { return "Run everything: workers, clerk and admin server, under one master"; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"single-process", "", "All roles as threads of one process, for debuggers and sanitizers", ""}};
    }
    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        compose::Start start;
        start.singleProcess = invocation.has("single-process");
        return compose::launch(session, start);
    }
};

class ServeCommand final : public cli::Command
{
public:
    std::string name() const override { return "serve"; }
    std::string summary() const override { return "Run the admin server only: publish and look, handle nothing"; }
    int run(const cli::Invocation&, cli::Session& session) override
    {
        compose::Start start;
        start.workers = false;
        start.clerk = false;
        return compose::launch(session, start);
    }
};

} // namespace

std::unique_ptr<cli::Command> makeRunCommand()
{
    return std::make_unique<RunCommand>();
}

std::unique_ptr<cli::Command> makeServeCommand()
{
    return std::make_unique<ServeCommand>();
}

} // namespace carillon::commands
