#include "plugin/PluginCatalogue.h"

#include "plugin/CheckProcess.h"
#include "plugin/ElfFile.h"
#include "plugin/FileTrust.h"
#include "plugin/Refused.h"
#include "plugin/TakenNames.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace carillon::plugin
{

namespace
{

namespace fs = std::filesystem;

Refusal refusalOf(const fs::path& file, const Refused& refused) { return {file, refused.reason(), refused.remedy()}; }

std::vector<fs::path> pluginFilesIn(const Descriptor& folder, const fs::path& shown)
{
    std::vector<fs::path> files;
    // By the open folder itself, which was looked at, not by its name.
    for (const auto& entry : fs::directory_iterator(fmt::format("/proc/self/fd/{}", folder.get())))
    {
        const fs::path name = entry.path().filename();
        if (name.extension() == ".so" && !name.string().starts_with('.')) files.push_back(shown / name);
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

/// What one scan has found so far.
struct PluginCatalogue::Scan
{
    const std::vector<std::string>& disabled;
    ScanResult result;
    TakenNames names;
    std::set<std::string> disabledFound;

    bool disable(const fs::path& file, const std::string& name)
    {
        if (std::find(disabled.begin(), disabled.end(), name) == disabled.end()) return false;
        result.disabled.push_back({file, name});
        disabledFound.insert(name);
        return true;
    }
};

std::string Refusal::text() const { return fmt::format("{}: {}; {}", file.string(), reason, remedy); }

PluginCatalogue::PluginCatalogue(Options options)
    : _options(std::move(options)),
      _copies(fs::absolute(_options.stateDirectory / "plugins").lexically_normal()),
      _cache(_copies, _options.checkCommand.at(0))
{
}

ScanResult PluginCatalogue::scan(const std::vector<fs::path>& directories, const std::vector<std::string>& disabled) const
{
    Scan scan{disabled, {}, {}, {}};
    for (const fs::path& directory : directories)
    {
        const fs::path shown = fs::absolute(directory).lexically_normal();
        try
        {
            scanDirectory(shown, scan);
        }
        catch (const Refused& refused)
        {
            scan.result.refused.push_back(refusalOf(shown, refused));
        }
        catch (const fs::filesystem_error& error)
        {
            scan.result.refused.push_back(
                {shown, fmt::format("it cannot be listed: {}", error.code().message()), "let this program's user read it"});
        }
    }

    std::vector<std::string>& warnings = scan.result.warnings;
    for (const std::string& name : disabled)
        if (!scan.disabledFound.contains(name))
            warnings.push_back(fmt::format("plugins.disabled names '{}', but no such plugin was found", name));
    std::sort(warnings.begin(), warnings.end());
    warnings.erase(std::unique(warnings.begin(), warnings.end()), warnings.end());
    return std::move(scan.result);
}

void PluginCatalogue::scanDirectory(const fs::path& directory, Scan& scan) const
{
    const Descriptor folder = openTrustedDirectory(directory);
    for (const fs::path& file : pluginFilesIn(folder, directory))
    {
        if (scan.disable(file, file.stem().string())) continue;
        auto checked = check(folder, file, scan.result.warnings);
        if (const auto* refusal = std::get_if<Refusal>(&checked))
        {
            scan.result.refused.push_back(*refusal);
            continue;
        }
        Manifest& manifest = std::get<Manifest>(checked);
        if (scan.disable(file, manifest.name)) continue;
        try
        {
            scan.names.claim(manifest);
            scan.result.accepted.push_back(std::move(manifest));
        }
        catch (const Refused& refused)
        {
            scan.result.refused.push_back(refusalOf(file, refused));
        }
    }
}

std::variant<Manifest, Refusal> PluginCatalogue::check(const fs::path& file) const
{
    const fs::path shown = fs::absolute(file).lexically_normal();
    std::vector<std::string> warnings;
    try
    {
        return check(openTrustedDirectory(shown.parent_path()), shown, warnings);
    }
    catch (const Refused& refused)
    {
        return refusalOf(shown, refused);
    }
}

std::variant<Manifest, Refusal> PluginCatalogue::check(const Descriptor& folder, const fs::path& file,
                                                       std::vector<std::string>& warnings) const
{
    try
    {
        const Descriptor source = openTrustedFile(folder, file.filename().string(), file);
        requireLoadable(source.get()); // what is no plugin at all need not be copied
        const PluginCopies::Copy copy = _copies.take(source.get());
        if (_options.useCache)
        {
            if (auto cached = _cache.find(copy.sha256))
            {
                cached->file = file;
                cached->copy = copy.file;
                return std::move(*cached);
            }
        }

        // Again, since the source may have changed in between: only what the copy says counts.
        requireLoadable(Descriptor(open(copy.file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)).get());
        CheckResult result = runCheck(_options.checkCommand, copy.file, _options.timeout);
        warnings.insert(warnings.end(), result.warnings.begin(), result.warnings.end());
        result.manifest.file = file;
        result.manifest.sha256 = copy.sha256;
        result.manifest.copy = copy.file;
        _cache.keep(result.manifest);
        return std::move(result.manifest);
    }
    catch (const Refused& refused)
    {
        return refusalOf(file, refused);
    }
    catch (const ConfigurationError& error)
    {
        return Refusal{file, error.what(), "check it again with: carillon plugin:check FILE"};
    }
}

void PluginCatalogue::prune(const std::vector<Manifest>& kept) const
{
    std::set<std::string> hashes;
    for (const Manifest& manifest : kept) hashes.insert(manifest.sha256);
    _copies.prune(hashes);
}

} // namespace carillon::plugin
