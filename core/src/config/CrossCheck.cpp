#include "config/Nearest.h"
#include "config/Resolver.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace carillon::config
{

namespace
{

class CrossChecker
{
public:
    CrossChecker(const Configuration& configuration, const LoadOptions& options, const std::set<std::string>& failed)
        : _configuration(configuration),
          _options(options),
          _failed(failed)
    {
    }

    std::vector<Problem> check()
    {
        checkTransports();
        checkRouting();
        checkTypes();
        checkGroups();
        checkStore();
        checkDurations();
        checkAdmin();
        checkPush();
        checkTexts();
        return std::move(_problems);
    }

private:
    void refuse(const std::string& key, std::string message)
    {
        if (_failed.contains(key)) return;
        const auto& entries = _configuration.entries;
        const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.key == key; });
        const bool isWritten = entry != entries.end() && entry->origin.layer != Origin::Layer::Default;
        _problems.push_back({isWritten ? entry->origin.text() : std::string(), std::move(message)});
    }

    std::vector<std::string> transportNames() const
    {
        std::vector<std::string> names;
        for (const auto& [name, transport] : _configuration.transports) names.push_back(name);
        return names;
    }

    void checkDsn(const std::string& key, const std::string& dsn, const std::vector<std::string>& schemes)
    {
        const auto end = dsn.find("://");
        // A DSN may hold a password: only the scheme is ever quoted.
        if (end == std::string::npos)
            return refuse(key, fmt::format("'{}' is no DSN; write e.g. sqlite:///var/lib/carillon/carillon.db", key));
        const auto scheme = dsn.substr(0, end);
        if (std::find(schemes.begin(), schemes.end(), scheme) == schemes.end())
        {
            return refuse(key, fmt::format("'{}': '{}://' is not known here; there are {}", key, scheme, fmt::join(schemes, ", ")));
        }
        if (scheme == "sqlite" && (!dsn.starts_with("sqlite:///") || dsn.size() <= 10))
        {
            return refuse(key, fmt::format("'{}' names no file; write sqlite:///absolute/path or sqlite:///%state_dir%/carillon.db", key));
        }
        if (scheme == "memory" && _configuration.isStrict())
        {
            refuse(key, fmt::format("'{}': memory:// loses every message at the next stop and is refused in {}; use sqlite:///path", key,
                                    toString(_configuration.environment)));
        }
    }

    void checkTransports()
    {
        if (_configuration.transports.empty()) refuse("", "no transport is configured; add transports.<name>.dsn");
        std::map<std::pair<std::string, std::string>, std::string> queues;
        for (const auto& [name, transport] : _configuration.transports)
        {
            const auto prefix = "transports." + name;
            checkDsn(prefix + ".dsn", transport.dsn, _options.transportSchemes);
            const auto [first, isNew] = queues.emplace(std::pair(transport.dsn, transport.queue), name);
            if (!isNew)
                refuse(prefix + ".queue", fmt::format("'{}.queue' is '{}', which transport '{}' has already; name another", prefix,
                                                      transport.queue, first->second));
            const auto& retry = transport.retry;
            if (retry.maxDelay.count() != 0 && retry.maxDelay < retry.delay)
            {
                refuse(prefix + ".retry.max_delay", fmt::format("'{0}.retry.max_delay' is shorter than '{0}.retry.delay'", prefix));
            }
        }
    }

    void checkTransportName(const std::string& key, const std::string& name)
    {
        if (_configuration.transports.contains(name)) return;
        const auto names = transportNames();
        std::string message = fmt::format("'{}' names the transport '{}', which is not configured", key, name);
        if (const auto close = nearest(name, names))
            message += fmt::format("; did you mean '{}'?", *close);
        else
            message += fmt::format("; there are {}", names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
        refuse(key, message);
    }

    void checkTransportList(const std::string& key, const std::vector<std::string>& names)
    {
        std::set<std::string> seen;
        for (const auto& name : names)
        {
            if (!seen.insert(name).second)
                refuse(key, fmt::format("'{}' names '{}' twice; keep one", key, name));
            else
                checkTransportName(key, name);
        }
    }

    void checkRouting()
    {
        for (const auto& [type, names] : _configuration.routing)
        {
            const auto key = "routing." + type;
            if (names.empty()) refuse(key, fmt::format("'{}' names no transport; its messages could not be published", key));
            checkTransportList(key, names);
        }
    }

    void checkTypes()
    {
        if (_configuration.routing.contains("*")) return;
        std::vector<std::string> routed;
        for (const auto& [type, names] : _configuration.routing) routed.push_back(type);
        for (const auto& [type, settings] : _configuration.types)
        {
            if (_configuration.routing.contains(type)) continue;
            std::string message = fmt::format("'types.{0}' is for a message type that 'routing' does not know", type);
            if (const auto close = nearest(type, routed))
                message += fmt::format("; did you mean '{}'?", *close);
            else
                message += fmt::format("; add 'routing.{}'", type);
            refuse(firstKey("types." + type + "."), message);
        }
    }

    std::string firstKey(const std::string& prefix) const
    {
        const auto& entries = _configuration.entries;
        const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.key.starts_with(prefix); });
        return entry == entries.end() ? std::string() : entry->key;
    }

    void checkGroups()
    {
        for (const auto& [name, group] : _configuration.groups)
        {
            const auto prefix = "groups." + name;
            if (group.transports.empty())
                refuse(prefix + ".transports",
                       fmt::format("group '{}' consumes nothing; name its transports in '{}.transports'", name, prefix));
            if (group.plugins.empty())
                refuse(prefix + ".plugins", fmt::format("group '{}' has no plugin; name some in '{}.plugins', or * for all", name, prefix));
            checkTransportList(prefix + ".transports", group.transports);
            if (group.backoff.max < group.backoff.initial)
                refuse(prefix + ".backoff.max", fmt::format("'{0}.backoff.max' is shorter than '{0}.backoff.initial'", prefix));
        }
    }

    void checkStore() { checkDsn("store.dsn", _configuration.store.dsn, _options.storeSchemes); }

    void checkDurations()
    {
        const auto& worker = _configuration.worker;
        if (worker.heartbeatStale < 2 * worker.heartbeatInterval)
        {
            refuse("worker.heartbeat_stale",
                   "'worker.heartbeat_stale' must be at least twice 'worker.heartbeat_interval', or healthy workers are killed");
        }
        if (_configuration.clerk.tickMax < _configuration.clerk.tickMin)
            refuse("clerk.tick_max", "'clerk.tick_max' is shorter than 'clerk.tick_min'");
    }

    void checkAdmin()
    {
        const auto& admin = _configuration.admin;
        if (_configuration.isStrict() && admin.token.empty())
        {
            refuse("admin.token", fmt::format("{} needs a token for the HTTP API; name a file that holds one in 'admin.token_file'",
                                              toString(_configuration.environment)));
        }
        constexpr std::size_t shortestToken = 16;
        if (!admin.token.empty() && admin.token.size() < shortestToken)
        {
            refuse("admin.token", "'admin.token' is shorter than 16 characters and can be guessed; run: openssl rand -hex 32");
        }
        if (admin.host.empty()) refuse("admin.host", "'admin.host' names no address; write 127.0.0.1, or 0.0.0.0 for all");
    }

    void checkUrl(const std::string& key, const std::string& url)
    {
        if (url.empty()) return;
        if (url.starts_with("https://") && url.size() > 8) return;
        if (url.starts_with("http://") && !_configuration.isStrict()) return;
        refuse(key, fmt::format("'{}' must begin with https://", key));
    }

    void checkPush()
    {
        const auto& push = _configuration.push;
        const auto& providers = _options.pushProviders;
        if (std::find(providers.begin(), providers.end(), push.provider) == providers.end())
        {
            refuse("push.provider", fmt::format("'push.provider' is '{}'; there are {}", push.provider, fmt::join(providers, ", ")));
        }
        checkUrl("push.fcm.endpoint", push.fcm.endpoint);
        if (push.fcm.endpoint.empty()) refuse("push.fcm.endpoint", "'push.fcm.endpoint' is empty; remove the line for Google's own");
        checkUrl("push.fcm.token_uri", push.fcm.tokenUri);
        if (_configuration.isStrict() && push.provider == "fcm" && push.fcm.serviceAccountFile.empty())
        {
            refuse("push.fcm.service_account_file",
                   fmt::format("{} needs Google's key file for push; name it in 'push.fcm.service_account_file'",
                               toString(_configuration.environment)));
        }
    }

    void checkTexts()
    {
        const auto& notification = _configuration.notification;
        for (const auto& [type, text] : {std::pair{"alert", &notification.alert}, std::pair{"reminder", &notification.reminder},
                                         std::pair{"info", &notification.info}})
        {
            for (const auto& [part, words] : {std::pair{"title", &text->title}, std::pair{"body", &text->body}})
            {
                const auto key = fmt::format("notification.{}.{}", type, part);
                if (words->empty())
                    refuse(key, fmt::format("'{}' is empty; a push must show something: remove the line for the default", key));
            }
        }
        if (notification.services.empty())
            refuse("notification.services", "'notification.services' is empty; no notification could be accepted");
    }

    const Configuration& _configuration;
    const LoadOptions& _options;
    const std::set<std::string>& _failed;
    std::vector<Problem> _problems;
};

} // namespace

std::vector<Problem> crossCheck(const Configuration& configuration, const LoadOptions& options, const std::set<std::string>& failed)
{
    return CrossChecker(configuration, options, failed).check();
}

} // namespace carillon::config
