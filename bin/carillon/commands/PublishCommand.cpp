#include "commands/CommandAssembly.h"
#include "commands/Commands.h"

#include "carillon/Errors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

namespace carillon::commands
{
namespace
{

constexpr std::size_t linesAtOnce = 500;
constexpr std::size_t longestLine = 4 << 20;

/// One line of the input on its way: where it stood, for the report.
struct Line
{
    std::uint64_t number;
    Envelope envelope;
};

/// The service that a notification names, so that its record says it however it was published. Empty when there is none, or no JSON: the
/// publishing door tells that.
std::string serviceOf(const std::string& type, const std::string& body)
{
    if (!type.starts_with("notification.")) return {};
    // The outermost members only: what lies deeper may be deeper than is allowed.
    const auto outermost = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth <= 1; };
    const auto document = nlohmann::json::parse(body, outermost, false);
    if (!document.is_object()) return {};
    const auto found = document.find("serviceName");
    return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

struct Totals
{
    std::uint64_t published = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t refused = 0;
};

class PublishCommand final : public cli::Command
{
public:
    std::string name() const override { return "publish"; }
    std::string summary() const override { return "Publish one message, or JSON lines from a file or standard input"; }
    std::string arguments() const override { return "TYPE [BODY]"; }
    std::size_t maxArguments() const override { return 2; }
    std::vector<cli::OptionSpec> options() const override
    {
        return {{"file", "f", "JSON lines, a body each; - is standard input", "FILE"},
                {"delay", "", "Due so long from now, like 10s", "DURATION"},
                {"at", "", "Due at this time (RFC 3339), like 2026-11-23T08:00:00+01:00", "TIME"},
                {"expires-at", "", "Never handled after this time (RFC 3339)", "TIME"},
                {"priority", "", "Higher goes first (default 0)", "NUMBER"},
                {"id", "", "The message's id, for one message; a repeat of it is not published again", "ID"},
                {"dedupe-key", "", "Unique while not handled: a second publish answers with the first id", "KEY"},
                {"header", "H", "A header, as name=value", "NAME=VALUE", true},
                {"patience", "", "How long to try again while the store is full or busy (default 30s)", "DURATION"},
                formatOption()};
    }

    int run(const cli::Invocation& invocation, cli::Session& session) override
    {
        if (invocation.arguments.empty()) throw cli::UsageError("publish needs a message type, like: carillon publish notification.send --file F");
        if (invocation.has("file") == (invocation.arguments.size() == 2))
            throw cli::UsageError("publish takes either a body or --file (- for standard input)");
        _isJson = wantsJson(invocation);
        _patience = durationOption(invocation, "patience").value_or(std::chrono::seconds(30));
        const Envelope pattern = patternOf(invocation);
        if (invocation.has("file") && (invocation.has("id") || invocation.has("dedupe-key")))
            throw cli::UsageError("--id and --dedupe-key are for one message, not for a file");
        openInput(invocation);

        const CommandAssembly with = assemble(session);
        _publisher = &with.assembly->publisher();
        _store = &with.assembly->store();
        _console = &session.console();
        if (!invocation.has("file"))
        {
            Envelope envelope = pattern;
            envelope.body = invocation.arguments[1];
            envelope.service = serviceOf(envelope.type, envelope.body);
            publish({{0, envelope}});
        }
        else
            publishLines(pattern);
        report(!invocation.has("file"));
        return _totals.refused == 0 ? cli::Success : cli::Failed;
    }

private:
    static Envelope patternOf(const cli::Invocation& invocation)
    {
        Envelope envelope;
        envelope.type = invocation.arguments.front();
        envelope.id = invocation.value("id");
        envelope.dedupeKey = invocation.value("dedupe-key");
        if (invocation.has("delay") && invocation.has("at")) throw cli::UsageError("give --delay or --at, not both");
        try
        {
            if (const auto delay = durationOption(invocation, "delay")) envelope.dueAt = systemClock().now() + *delay;
            if (invocation.has("at")) envelope.dueAt = fromRfc3339(invocation.value("at"));
            if (invocation.has("expires-at")) envelope.expiresAt = fromRfc3339(invocation.value("expires-at"));
        }
        catch (const std::invalid_argument& error)
        {
            throw cli::UsageError(error.what());
        }
        if (invocation.has("priority"))
        {
            const std::string text = invocation.value("priority");
            std::size_t used = 0;
            try
            {
                envelope.priority = std::stoi(text, &used);
            }
            catch (const std::exception&)
            {
                used = 0;
            }
            if (used == 0 || used != text.size()) throw cli::UsageError(fmt::format("--priority takes a whole number, not '{}'", text));
        }
        for (const std::string& header : invocation.values("header"))
        {
            const auto equals = header.find('=');
            if (equals == 0 || equals == std::string::npos) throw cli::UsageError(fmt::format("--header takes name=value, not '{}'", header));
            envelope.headers[header.substr(0, equals)] = header.substr(equals + 1);
        }
        return envelope;
    }

    void openInput(const cli::Invocation& invocation)
    {
        _name = invocation.value("file");
        if (_name.empty() || _name == "-") return;
        if (std::filesystem::is_directory(_name)) throw Error(fmt::format("{} is a folder; name a file of JSON lines", _name));
        _file.open(_name, std::ios::binary);
        if (!_file) throw Error(fmt::format("cannot open {}; check its name and permissions", _name));
        _size = std::filesystem::is_regular_file(_name) ? std::filesystem::file_size(_name) : 0;
    }

    void publishLines(const Envelope& pattern)
    {
        std::istream& input = _name == "-" ? std::cin : _file;
        // By bytes where the size is known: counting the lines first would read the file twice.
        cli::Progress progress(*_console, "publishing", _size);
        std::vector<Line> lines;
        std::string text;
        std::uint64_t number = 0;
        while (readLine(input, text))
        {
            ++number;
            const std::uint64_t length = text.size() + 1;
            if (!text.empty() && text.back() == '\r') text.pop_back();
            if (text.find_first_not_of(" \t") != std::string::npos)
            {
                Envelope envelope = pattern;
                // Given here, not at the door: a repeat after an unknown answer must be the same message.
                envelope.id = newMessageId(systemClock().now());
                envelope.body = std::move(text);
                envelope.service = serviceOf(envelope.type, envelope.body);
                lines.push_back({number, std::move(envelope)});
            }
            if (lines.size() == linesAtOnce) publish(std::exchange(lines, {}));
            progress.advance(_size > 0 ? length : 1);
        }
        if (input.bad()) throw Error(fmt::format("reading {} failed after line {}", _name, number));
        if (!lines.empty()) publish(std::move(lines));
    }

    /// A line without end must not fill the memory: it is cut beyond what any limit allows, and refused by its size.
    static bool readLine(std::istream& input, std::string& text)
    {
        text.clear();
        std::istream::sentry sentry(input, true);
        if (!sentry) return false;
        std::streambuf& buffer = *input.rdbuf();
        bool hasAny = false;
        for (int c = buffer.sbumpc(); c != std::char_traits<char>::eof(); c = buffer.sbumpc())
        {
            hasAny = true;
            if (c == '\n') return true;
            if (text.size() < longestLine) text.push_back(static_cast<char>(c));
        }
        input.setstate(std::ios::eofbit);
        return hasAny;
    }

    void publish(std::vector<Line> lines)
    {
        const auto end = std::chrono::steady_clock::now() + _patience;
        auto pause = std::chrono::milliseconds{100};
        while (true)
        {
            std::vector<Envelope> envelopes;
            for (const Line& line : lines)
                envelopes.push_back(line.envelope);
            const bool givesUp = std::chrono::steady_clock::now() >= end;
            try
            {
                const auto results = _publisher->publish(std::move(envelopes));
                const std::string full = givesUp ? std::string() : fullStore(results);
                std::vector<Line> refused;
                for (std::size_t i = 0; i < lines.size(); ++i)
                    if (!full.empty() && results[i].status == port::PublishResult::Status::Refused)
                        refused.push_back(std::move(lines[i]));
                    else
                        count(lines[i], results[i]);
                if (refused.empty()) return;
                lines = std::move(refused);
                waitFor(full);
            }
            catch (const TransportError& error)
            {
                if (givesUp) throw;
                waitFor(error.what());
            }
            catch (const StoreError& error)
            {
                if (givesUp) throw;
                waitFor(error.what());
            }
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, std::chrono::milliseconds{2000});
        }
    }

    /// What a full store says of itself; empty when nothing was refused, or for other reasons. Then it is the messages' own fault.
    std::string fullStore(const std::vector<port::PublishResult>& results) const
    {
        const auto isRefused = [](const port::PublishResult& result) { return result.status == port::PublishResult::Status::Refused; };
        if (std::none_of(results.begin(), results.end(), isRefused)) return {};
        try
        {
            _store->check();
            return {};
        }
        catch (const StorageFull& full)
        {
            return full.what();
        }
    }

    void waitFor(const std::string& reason)
    {
        if (_waited) return;
        _waited = true;
        _console->warning(fmt::format("waiting, nothing is lost: {}", reason));
    }

    void count(const Line& line, const port::PublishResult& result)
    {
        switch (result.status)
        {
        case port::PublishResult::Status::Confirmed:
            ++_totals.published;
            _lastId = result.id;
            break;
        case port::PublishResult::Status::Duplicate:
            // After an unknown answer our own first try may be what is there already.
            ++(result.id == line.envelope.id && _waited ? _totals.published : _totals.duplicates);
            _lastId = result.id;
            break;
        case port::PublishResult::Status::Refused:
            ++_totals.refused;
            _console->error(line.number == 0 ? fmt::format("not published: {}", result.reason)
                                             : fmt::format("{}:{}: not published: {}", _name == "-" ? "standard input" : _name, line.number, result.reason));
            break;
        }
    }

    void report(bool isSingle) const
    {
        if (_isJson)
        {
            const std::string id = isSingle && !_lastId.empty() ? fmt::format("\"id\": \"{}\", ", _lastId) : "";
            _console->line(fmt::format("{{{}\"published\": {}, \"duplicates\": {}, \"refused\": {}}}", id, _totals.published, _totals.duplicates, _totals.refused));
        }
        else if (isSingle && _totals.refused == 0)
            _console->success(fmt::format("{} {}", _totals.duplicates > 0 ? "There already:" : "Published", _lastId));
        else if (!isSingle)
        {
            const std::string text = fmt::format("{} published, {} there already, {} refused", _totals.published, _totals.duplicates, _totals.refused);
            if (_totals.refused == 0)
                _console->success(text);
            else
                _console->line(text);
        }
    }

    const publish::Publisher* _publisher = nullptr;
    port::Store* _store = nullptr;
    const cli::Console* _console = nullptr;
    std::string _name;
    std::ifstream _file;
    std::uint64_t _size = 0;
    std::chrono::milliseconds _patience{30000};
    bool _isJson = false;
    bool _waited = false;
    Totals _totals;
    std::string _lastId;
};

} // namespace

std::unique_ptr<cli::Command> makePublishCommand()
{
    return std::make_unique<PublishCommand>();
}

} // namespace carillon::commands
