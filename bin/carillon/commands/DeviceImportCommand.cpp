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
    std::string summary() const override { return "Register users and their devices from a JSON file: {\"users\": [{\"userId\", \"devices\": [{kind, value, platform, application}]}]}"; }
    std::string arguments() const override { return "FILE"; }
    std::size_t maxArguments() const override { return 1; }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        if (invocation.arguments.empty()) throw cli::UsageError("device:import needs a JSON file, or - for standard input");
        const std::string& name = invocation.arguments.front();
        std::ifstream file;
        if (name != "-") file.open(name);
        if (name != "-" && !file) throw Error(fmt::format("cannot open {}; check its name and permissions", name));
        const nlohmann::json users = usersOf(name, name == "-" ? std::cin : file);

        const CommandAssembly with = assemble(session);
        notification::DeviceRegistry& devices = with.assembly->store().devices();
        std::uint64_t imported = 0;
        std::uint64_t refused = 0;
        for (std::size_t i = 0; i < users.size(); ++i)
        {
            const std::string problem = import(devices, users[i], imported);
            if (problem.empty()) continue;
            ++refused;
            session.console().error(fmt::format("{}: /users/{}: {}", name, i, problem));
        }
        session.console().line(fmt::format("{} users, {} devices, {} refused", users.size() - refused, imported, refused));
        return refused == 0 ? cli::Success : cli::Failed;
    }

private:
    static nlohmann::json usersOf(const std::string& name, std::istream& input)
    {
        // No exceptions: their text may quote the file, and it holds addresses.
        const auto document = nlohmann::json::parse(input, nullptr, false);
        if (document.is_discarded() || !document.is_object() || !document.contains("users") || !document["users"].is_array())
            throw Error(fmt::format("{} is no JSON object with a list 'users'; write {{\"users\": [{{\"userId\": \"…\", \"devices\": []}}]}}", name));
        return document["users"];
    }

    /// Empty when the user and all devices were registered. The text holds no address and no user: only what is wrong.
    static std::string import(notification::DeviceRegistry& devices, const nlohmann::json& entry, std::uint64_t& imported)
    {
        try
        {
            const std::string user = entry.at("userId").get<std::string>();
            if (user.empty()) return "'userId' is empty";
            devices.addUser(user);
            for (const auto& device : entry.value("devices", nlohmann::json::array()))
            {
                notification::Address address;
                address.kind = device.value("kind", std::string("token"));
                address.value = device.at("value").get<std::string>();
                address.platform = device.value("platform", std::string("android"));
                address.application = device.value("application", std::string());
                address.registeredAt = systemClock().now();
                if (address.kind != "fid" && address.kind != "token") return "'kind' is fid or token";
                if (address.platform != "android" && address.platform != "ios" && address.platform != "web") return "'platform' is android, ios or web";
                if (address.value.empty()) return "'value' is empty";
                devices.put(user, address);
                ++imported;
            }
            return {};
        }
        catch (const nlohmann::json::exception&)
        {
            return "is no user with devices; write {\"userId\": \"…\", \"devices\": [{\"kind\": \"token\", \"value\": \"…\"}]}";
        }
    }
};

} // namespace

std::unique_ptr<cli::Command> makeDeviceImportCommand()
{
    return std::make_unique<DeviceImportCommand>();
}

} // namespace carillon::commands
