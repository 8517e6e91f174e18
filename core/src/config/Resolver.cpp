#include "config/Resolver.h"

#include "config/Placement.h"
#include "config/SecretFile.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace carillon::config
{

namespace
{

namespace fs = std::filesystem;

void replaceAll(std::string& text, std::string_view what, const std::string& by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

class Resolver
{
public:
    Resolver(Layers& layers, const LoadOptions& options) : _layers(layers), _options(options) {}

    Configuration resolve()
    {
        _configuration.environment = _layers.environment;
        _configuration.baseDirectory = _layers.baseDirectory;
        _configuration.files = _layers.files;

        _placement = place(std::move(_layers.settings));
        std::move(_placement.problems.begin(), _placement.problems.end(), std::back_inserter(_layers.problems));
        // First, because other values are relative to it.
        chooseStateDirectory();
        for (const auto& path : _placement.order)
        {
            if (path != "state_dir") choose(_placement.candidates.at(path));
        }
        fillDefaults();
        for (auto& [path, chosen] : _entries)
        {
            if (path != "state_dir") finish(path, chosen);
        }
        nameQueues();
        for (auto& [path, chosen] : _entries) _configuration.entries.push_back(std::move(chosen));
        return std::move(_configuration);
    }

private:
    void refuse(const Origin& origin, std::string message) { _layers.problems.push_back({origin.text(), std::move(message)}); }

    /// The highest layer wins; the shadowed values are checked all the same, because another environment will read them.
    void choose(std::vector<Candidate>& candidates)
    {
        Candidate& winner = candidates.back();
        for (const auto& each : candidates)
        {
            const bool isTwice = &each != &winner && each.setting.origin.layer == winner.setting.origin.layer;
            if (isTwice && each.isFileTwin != winner.isFileTwin)
            {
                refuse(winner.setting.origin, fmt::format("'{}' and '{}' are both set; keep one", each.setting.path, winner.setting.path));
            }
            else if (isTwice)
            {
                refuse(winner.setting.origin,
                       fmt::format("'{}' and '{}' are the same key; keep one", each.setting.path, winner.setting.path));
            }
            if (&each != &winner) checkShadowed(each);
        }
        if (const auto entry = read(winner))
            _entries.emplace(entry->key, *entry);
        else if (winner.key != nullptr)
            _layers.failedKeys.insert(winner.key->path(winner.name));
    }

    void checkShadowed(const Candidate& candidate)
    {
        const bool isPlain = candidate.key != nullptr && !candidate.isFileTwin && candidate.setting.text.find("${") == std::string::npos &&
                             candidate.setting.form == Setting::Form::Scalar;
        if (!isPlain) return;
        const auto parsed =
            parseValue(candidate.key->rule, candidate.setting.text, splitList(candidate.setting.text), candidate.key->isSecret());
        if (!parsed.value) refuse(candidate.setting.origin, fmt::format("'{}' {}", candidate.setting.path, parsed.error));
    }

    /// Form, substitution, secret file: what the setting's text really is.
    std::optional<Entry> read(const Candidate& candidate)
    {
        const Setting& setting = candidate.setting;
        const bool takesList = candidate.key == nullptr || candidate.key->rule.isList();
        const auto wrong = [&](const std::string& message)
        {
            refuse(setting.origin, fmt::format("'{}' {}", setting.path, message));
            return std::nullopt;
        };
        if (setting.form == Setting::Form::Section) return wrong("holds a section; it must be a value");
        if (setting.form == Setting::Form::Nothing) return wrong("has no value; write \"\" for an empty one, or remove the line");
        if (setting.form == Setting::Form::List && !takesList)
            return wrong(fmt::format("is a list; it must be a single value ({})", candidate.key->rule.describe()));

        Entry entry;
        entry.key = candidate.key != nullptr ? candidate.key->path(candidate.name) : "plugin." + candidate.name + pluginKey(setting.path);
        entry.origin = setting.origin;
        entry.secret = candidate.key != nullptr ? candidate.key->isSecret() : soundsSecret(entry.key);
        if (setting.form == Setting::Form::List)
        {
            for (const auto& item : setting.items)
            {
                const auto text = replaced(setting, item);
                if (!text.text) return wrong(text.error);
                entry.items.push_back(*text.text);
            }
            entry.value = joinList(entry.items);
            return checked(setting, candidate, std::move(entry));
        }
        const auto text = replaced(setting, setting.text);
        if (!text.text) return wrong(text.error);
        entry.value = *text.text;
        if (takesList) entry.items = splitList(entry.value);
        return checked(setting, candidate, std::move(entry));
    }

    std::optional<Entry> checked(const Setting& setting, const Candidate& candidate, Entry entry)
    {
        const bool isOneLine =
            std::none_of(entry.value.begin(), entry.value.end(), [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; });
        if (!isOneLine || firstInvalidUtf8(entry.value))
        {
            refuse(setting.origin, fmt::format("'{}' must be one line of UTF-8 text", setting.path));
            return std::nullopt;
        }
        if (candidate.isFileTwin)
        {
            const auto file = completed(entry.value);
            auto secret = readSecretFile(file);
            if (!secret.text)
            {
                refuse(setting.origin, fmt::format("'{}': {}", setting.path, secret.error));
                return std::nullopt;
            }
            entry.value = std::move(*secret.text);
            return entry;
        }
        const bool isOnCommandLine = setting.origin.layer == Origin::Layer::CommandLine && !entry.value.empty();
        const bool isSecret =
            entry.secret && (candidate.key == nullptr || candidate.key->secrecy == Secrecy::Secret || hasPassword(entry.value));
        if (isOnCommandLine && isSecret)
        {
            refuse(setting.origin,
                   fmt::format("'{}' is secret and every user of the machine sees command lines; use '{}_file' or a variable", setting.path,
                               setting.path));
            return std::nullopt;
        }
        return entry;
    }

    /// The command line was expanded by the shell, and a variable's value is not ours to read into.
    Substituted replaced(const Setting& setting, const std::string& text) const
    {
        const bool isFromFile = setting.origin.layer == Origin::Layer::BaseFile || setting.origin.layer == Origin::Layer::EnvironmentFile;
        return isFromFile ? substitute(text, _options.variables) : Substituted{text, {}};
    }

    static bool hasPassword(const std::string& dsn)
    {
        const auto scheme = dsn.find("://");
        return scheme != std::string::npos && dsn.substr(scheme + 3, dsn.find('/', scheme + 3) - scheme - 3).find('@') != std::string::npos;
    }

    /// Before its manifest is read, nobody knows which keys of a plugin are secret; better one masked too many.
    static bool soundsSecret(const std::string& key)
    {
        const auto last = key.substr(key.rfind('.') + 1);
        if (last.ends_with("_file")) return false;
        for (const std::string_view word : {"token", "secret", "password", "passphrase", "key", "credential", "dsn"})
        {
            if (last.find(word) != std::string::npos) return true;
        }
        return false;
    }

    void chooseStateDirectory()
    {
        if (const auto found = _placement.candidates.find("state_dir"); found != _placement.candidates.end()) choose(found->second);
        fillDefault(*match("state_dir").key, "");
        Entry& entry = _entries.at("state_dir");
        if (entry.value.empty() || entry.value.find("%state_dir%") != std::string::npos)
        {
            refuse(entry.origin, "'state_dir' must name a folder; write e.g. 'state'");
            entry.value = _configuration.stateDirectory.string();
        }
        finish("state_dir", entry);
    }

    void fillDefaults()
    {
        for (const auto& key : keys())
        {
            if (!key.isNamed())
            {
                fillDefault(key, "");
                continue;
            }
            for (const auto& name : _placement.names[key.section()]) fillDefault(key, name);
        }
    }

    void fillDefault(const Key& key, const std::string& name)
    {
        // A type that is only routed has nothing else, and what is optional stays unset.
        if (key.isOptional || key.section() == "routing") return;
        Entry entry;
        entry.key = key.path(name);
        entry.value = key.defaultText;
        if (key.rule.isList()) entry.items = splitList(entry.value);
        entry.secret = key.isSecret();
        _entries.emplace(entry.key, std::move(entry));
    }

    fs::path completed(const std::string& text) const
    {
        std::string path = text;
        expand(path);
        if (path.empty()) return {};
        return (_configuration.baseDirectory / path).lexically_normal();
    }

    void expand(std::string& text) const
    {
        replaceAll(text, "%base_dir%", _configuration.baseDirectory.string());
        replaceAll(text, "%state_dir%", _configuration.stateDirectory.string());
    }

    /// Completes paths, parses and assigns.
    void finish(const std::string& path, Entry& entry)
    {
        if (path.starts_with("plugin."))
        {
            const auto parts = splitPath(path);
            _configuration.plugin[parts[1]].emplace(pluginKey(path).substr(1), entry);
            return;
        }
        const Match found = match(path);
        const Key& key = *found.key;
        if (key.rule.kind == ValueKind::Path) entry.value = completed(entry.value).string();
        if (key.rule.kind == ValueKind::PathList)
        {
            for (auto& item : entry.items) item = completed(item).string();
            entry.value = joinList(entry.items);
        }
        if (key.rule.kind == ValueKind::Dsn)
        {
            expand(entry.value);
            // `sqlite:///%state_dir%/x` has its own slash before an absolute path.
            replaceAll(entry.value, ":////", ":///");
        }
        const auto parsed = parseValue(key.rule, entry.value, entry.items, entry.secret);
        if (!parsed.value)
        {
            _layers.failedKeys.insert(path);
            return refuse(entry.origin, fmt::format("'{}' {}", path, parsed.error));
        }
        key.assign(_configuration, found.name, *parsed.value);
        checkFile(key, entry);
    }

    void checkFile(const Key& key, const Entry& entry)
    {
        if (!key.mustExist || entry.value.empty()) return;
        if (key.holdsSecret)
        {
            const auto complaint = checkSecretFile(entry.value);
            if (!complaint.empty()) refuse(entry.origin, fmt::format("'{}': {}", entry.key, complaint));
            return;
        }
        std::error_code ignored;
        if (!fs::is_regular_file(entry.value, ignored))
        {
            refuse(entry.origin, fmt::format("'{}': file '{}' does not exist; create it or name another", entry.key, entry.value));
        }
    }

    void nameQueues()
    {
        for (auto& [name, transport] : _configuration.transports)
        {
            if (transport.queue.empty()) transport.queue = _entries.at("transports." + name + ".queue").value = name;
            if (transport.exchange.name.empty())
                transport.exchange.name = _entries.at("transports." + name + ".exchange.name").value = name;
        }
    }

    Layers& _layers;
    const LoadOptions& _options;
    Configuration _configuration;
    Placement _placement;
    std::map<std::string, Entry> _entries;
};

} // namespace

Configuration resolve(Layers& layers, const LoadOptions& options) { return Resolver(layers, options).resolve(); }

} // namespace carillon::config
