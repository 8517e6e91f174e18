#pragma once

#include "plugin/Loaded.h"
#include "plugin/Manifest.h"

#include <functional>
#include <string>
#include <vector>

namespace carillon::plugin
{

/// The registry that plugins meet: checks each declaration by itself and keeps it with its factory. The check child and the workers use the
/// same one, so that what passed the check passes again.
class Registration final : public Registry
{
public:
    /// Runs `registerPlugin` and checks what it declared as a whole. Throws Refused; what the plugin threw is in its text.
    static Registration run(const std::string& plugin, const std::string& version, const std::function<void(Registry&)>& registerPlugin);

    void add(const std::string& type, const HandlerOptions& options, HandlerFactory factory) override;
    void addUpcast(const std::string& type, int from, Upcast upcast) override;
    void addMiddleware(const std::string& name, const MiddlewarePlacement& placement, MiddlewareFactory factory) override;
    void addSchedule(const ScheduleDeclaration& schedule) override;
    void addSetting(const SettingDeclaration& setting) override;

    /// Fills in name, version and everything declared.
    void describe(Manifest& manifest) const;

    std::vector<LoadedHandler>& handlers() noexcept { return _handlers; }
    std::vector<LoadedUpcast>& upcasts() noexcept { return _upcasts; }
    std::vector<LoadedMiddleware>& middleware() noexcept { return _middleware; }

private:
    Registration(std::string plugin, std::string version);
    void finish() const;
    [[noreturn]] void fail(const std::string& reason, const std::string& remedy) const;
    void checkOptions(const std::string& type, const HandlerOptions& options) const;

    std::string _plugin;
    std::string _version;
    std::vector<LoadedHandler> _handlers;
    std::vector<LoadedUpcast> _upcasts;
    std::vector<LoadedMiddleware> _middleware;
    std::vector<ScheduleDeclaration> _schedules;
    std::vector<SettingDeclaration> _settings;
};

} // namespace carillon::plugin
