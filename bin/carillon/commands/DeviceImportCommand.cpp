#include "commands/CommandAssembly.h"
#include "commands/Commands.h"

#include "carillon/Errors.h"
#include "carillon/notification/DeviceRegistry.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>

namespace carillon::commands
{
namespace
{

class DeviceImportCommand final : public cli::Command
{
public:
    std::string name() const override { return "device:import"; }
    std::string summary() const override { return "Register users' devices from JSON lines: {userId, kind, value, platform, application}"; }
    std::string arguments() const override { return "FILE"; }
    std::size_t maxArguments() const override { return 1; }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        if (invocation.arguments.empty()) throw cli::UsageError("device:import needs a file of JSON lines, or - for standard input");
        const std::string& name = invocation.arguments.front();
        std::ifstream file;
        if (name != "-") file.open(name);
        if (name != "-" && !file) throw Error(fmt::format("cannot open {}; check its name and permissions", name));
        std::istream& input = name == "-" ? std::cin : file;

        const CommandAssembly with = assemble(session);
        notification::DeviceRegistry& devices = with.assembly->store().devices();
        std::uint64_t imported = 0;
        std::uint64_t refused = 0;
        std::uint64_t number = 0;
        std::string line;
        while (std::getline(input, line))
        {
            ++number;
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            if (const std::string problem = import(devices, line); problem.empty())
                ++imported;
            else
            {
                ++refused;
                session.console().error(fmt::format("{}:{}: {}", name == "-" ? "standard input" : name, number, problem));
            }
        }
        session.console().line(fmt::format("{} imported, {} refused", imported, refused));
        return refused == 0 ? cli::Success : cli::Failed;
    }

private:
    /// Empty when it was registered. The text holds no address and no user: only what is wrong.
    static std::string import(notification::DeviceRegistry& devices, const std::string& line)
    {
        try
        {
            const auto json = nlohmann::json::parse(line);
            const std::string user = json.at("userId").get<std::string>();
            if (user.empty()) return "'userId' is empty";
            if (!json.contains("value"))
            {
                devices.addUser(user);
                return {};
            }
            notification::Address address;
            address.kind = json.value("kind", std::string("token"));
            address.value = json.at("value").get<std::string>();
            address.platform = json.value("platform", std::string("android"));
            address.application = json.value("application", std::string());
            address.registeredAt = systemClock().now();
            if (address.kind != "fid" && address.kind != "token") return "'kind' is fid or token";
            if (address.platform != "android" && address.platform != "ios" && address.platform != "web") return "'platform' is android, ios or web";
            if (address.value.empty()) return "'value' is empty";
            devices.put(user, address);
            return {};
        }
        catch (const nlohmann::json::exception& error)
        {
            return fmt::format("is no device (JSON error {}); write {{\"userId\": \"…\", \"kind\": \"token\", \"value\": \"…\"}}", error.id);
        }
    }
};

} // namespace

std::unique_ptr<cli::Command> makeDeviceImportCommand()
{
    return std::make_unique<DeviceImportCommand>();
}

} // namespace carillon::commands
