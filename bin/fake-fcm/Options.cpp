#include "Options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <string_view>

namespace carillon::fakefcm
{

namespace
{

using std::chrono::milliseconds;

std::uint64_t wholeNumber(std::string_view option, std::string_view text, std::uint64_t most)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || value > most)
        throw UsageError(fmt::format("{}: '{}' is not a whole number from 0 to {}", option, text, most));
    return value;
}

milliseconds duration(std::string_view option, std::string_view text)
{
    struct Unit
    {
        std::string_view suffix;
        milliseconds size;
    };
    constexpr Unit units[] = {{"ms", milliseconds(1)}, {"s", milliseconds(1000)}, {"m", milliseconds(60000)}, {"h", milliseconds(3600000)}};
    for (const Unit& unit : units)
    {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc{} && value <= 1000000 && std::string_view(end, text.data() + text.size()) == unit.suffix)
            return unit.size * static_cast<std::int64_t>(value);
    }
    throw UsageError(fmt::format("{}: '{}' is not a duration such as 500ms, 10s, 5m or 1h", option, text));
}

/// One option: how it is written, what it does, and what it sets.
struct Option
{
    std::string_view name;
    std::string_view value; ///< what --help calls it; empty for a flag
    std::string_view help;
    std::function<void(Options&, std::string_view name, std::string_view value)> set;
};

const std::vector<Option>& allOptions()
{
    constexpr std::uint64_t anyNumber = std::numeric_limits<std::uint64_t>::max();
    static const std::vector<Option> options{
        {"--state", "DIR", "folder for certificates, service account and ready.json; made when missing (required)",
         [](Options& o, auto, auto v) { o.state = v; }},
        {"--host", "ADDRESS", "IP address to listen on (default 127.0.0.1)", [](Options& o, auto, auto v) { o.host = v; }},
        {"--port", "N", "TLS port, 0 for a free one (default 8443)",
         [](Options& o, auto n, auto v) { o.port = static_cast<std::uint16_t>(wholeNumber(n, v, 65535)); }},
        {"--http-admin-port", "N", "plain HTTP port of the admin API on 127.0.0.1, 0 for a free one (default 8444)",
         [](Options& o, auto n, auto v) { o.adminPort = static_cast<std::uint16_t>(wholeNumber(n, v, 65535)); }},
        {"--project", "ID", "the project whose messages are taken (default demo)", [](Options& o, auto, auto v) { o.project = v; }},
        {"--seed", "N", "of message names and faults with a probability (default 1)",
         [](Options& o, auto n, auto v) { o.seed = wholeNumber(n, v, anyNumber); }},
        {"--accept-any", "", "an address that was not registered is valid; default: it is refused as no registration token",
         [](Options& o, auto, auto) { o.acceptAny = true; }},
        {"--journal", "FILE", "append every delivered message as a JSON line before it is answered",
         [](Options& o, auto, auto v) { o.journal = v; }},
        {"--journal-bodies", "", "keep the whole message in the journal, title and body included",
         [](Options& o, auto, auto) { o.journalBodies = true; }},
        {"--keep", "N", "journal entries and request records kept in memory (default 250000)",
         [](Options& o, auto n, auto v) { o.keep = wholeNumber(n, v, anyNumber); }},
        {"--token-life", "DURATION", "of an access token (default 1h)",
         [](Options& o, auto n, auto v) { o.tokenLife = std::chrono::duration_cast<std::chrono::seconds>(duration(n, v)); }},
        {"--clock-skew", "DURATION", "by which an assertion's iat may lie in the future (default 30s)",
         [](Options& o, auto n, auto v) { o.clockSkew = std::chrono::duration_cast<std::chrono::seconds>(duration(n, v)); }},
        {"--virtual-clock", "", "quotas and access tokens age by POST /clock/advance only",
         [](Options& o, auto, auto) { o.virtualClock = true; }},
        {"--project-quota", "N", "messages a minute of the project; FCM has 600000 (default 0: no limit)",
         [](Options& o, auto n, auto v) { o.quotas.projectPerMinute = wholeNumber(n, v, anyNumber); }},
        {"--device-quota", "N", "messages a minute to one address; FCM has 240 (default 0: no limit)",
         [](Options& o, auto n, auto v) { o.quotas.devicePerMinute = wholeNumber(n, v, anyNumber); }},
        {"--device-hourly-quota", "N", "messages an hour to one address; FCM has 5000 (default 0: no limit)",
         [](Options& o, auto n, auto v) { o.quotas.devicePerHour = wholeNumber(n, v, anyNumber); }},
        {"--collapsible-rule", "", "collapsible messages: 20 at once to a device, then one in 3 minutes; the journal shows the delay",
         [](Options& o, auto, auto) { o.quotas.collapsibleRule = true; }},
        {"--max-streams", "N", "concurrent HTTP/2 streams a connection (default 100)",
         [](Options& o, auto n, auto v) { o.session.maxConcurrentStreams = static_cast<std::uint32_t>(wholeNumber(n, v, 10000)); }},
        {"--excess-streams", "refuse|goaway", "a stream too many is refused, or ends the connection as FCM does (default refuse)",
         [](Options& o, auto n, auto v)
         {
             if (v != "refuse" && v != "goaway") throw UsageError(fmt::format("{}: '{}' is neither refuse nor goaway", n, v));
             o.session.goAwayOnExcessStreams = v == "goaway";
         }},
        {"--request-timeout", "DURATION", "for a handshake or a request to be whole (default 10s)",
         [](Options& o, auto n, auto v) { o.session.requestTimeout = duration(n, v); }},
        {"--idle-timeout", "DURATION", "for a connection without a request (default 4m)",
         [](Options& o, auto n, auto v) { o.session.idleTimeout = duration(n, v); }},
        {"--die-with-parent", "", "end when the process that started this one ends",
         [](Options& o, auto, auto) { o.dieWithParent = true; }},
        {"--help", "", "print this text", [](Options& o, auto, auto) { o.help = true; }},
        {"--version", "", "print the version", [](Options& o, auto, auto) { o.version = true; }},
    };
    return options;
}

void check(const Options& options)
{
    if (options.help || options.version) return;
    if (options.state.empty())
        throw UsageError("--state is missing; give a folder for certificates and ready.json, such as --state /tmp/fake-fcm");
    const auto isIdCharacter = [](char c)
    { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
    if (options.project.empty() || !std::all_of(options.project.begin(), options.project.end(), isIdCharacter))
        throw UsageError(fmt::format("--project: '{}' is not a project id of letters, digits and '-'", options.project));
    if (options.keep == 0 || options.session.maxConcurrentStreams == 0) throw UsageError("--keep and --max-streams must be at least 1");
    if (options.tokenLife.count() < 1) throw UsageError("--token-life must be at least 1s");
}

} // namespace

Options optionsFrom(const std::vector<std::string>& arguments)
{
    Options options;
    for (auto argument = arguments.begin(); argument != arguments.end(); ++argument)
    {
        const std::string_view whole = *argument;
        const std::size_t equals = whole.find('=');
        const std::string_view name = whole.substr(0, equals);
        const auto& all = allOptions();
        const auto option = std::find_if(all.begin(), all.end(), [&](const Option& candidate) { return candidate.name == name; });
        if (option == all.end()) throw UsageError(fmt::format("unknown option '{}'; --help lists all", whole));

        std::string_view value;
        if (option->value.empty() && equals != std::string_view::npos) throw UsageError(fmt::format("{} takes no value", name));
        if (!option->value.empty())
        {
            if (equals == std::string_view::npos && argument + 1 == arguments.end())
                throw UsageError(fmt::format("{} needs a value: {}", name, option->value));
            value = equals == std::string_view::npos ? std::string_view(*++argument) : whole.substr(equals + 1);
        }
        option->set(options, name, value);
    }
    check(options);
    return options;
}

std::string helpText()
{
    std::string text = "carillon-fake-fcm: a Firebase Cloud Messaging of your own, for demo, tests and benchmarks.\n\n"
                       "Usage: carillon-fake-fcm --state DIR [options]\n\n";
    for (const Option& option : allOptions())
        text += fmt::format("  {:<33} {}\n", fmt::format("{} {}", option.name, option.value), option.help);
    text += "\nIt writes DIR/ca.pem, DIR/service-account.json and, when it answers, DIR/ready.json. SIGTERM and SIGINT end it.\n"
            "The admin API (journal, addresses, faults) is described in docs/fake-fcm.md.\n";
    return text;
}

} // namespace carillon::fakefcm
