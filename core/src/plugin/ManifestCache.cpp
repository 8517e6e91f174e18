#include "plugin/ManifestCache.h"

#include "carillon/Plugin.h"
#include "plugin/Descriptor.h"
#include "plugin/FileTrust.h"
#include "plugin/Refused.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <array>

namespace carillon::plugin
{

namespace
{

namespace fs = std::filesystem;

std::string identityOf(const fs::path& file)
{
    struct stat status
    {
    };
    if (stat(file.c_str(), &status) != 0) return "none";
    return fmt::format("{}:{}:{}:{}.{:09}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

std::string readAll(int file)
{
    std::string content;
    std::array<char, 16384> block{};
    ssize_t length = 0;
    while ((length = read(file, block.data(), block.size())) > 0) content.append(block.data(), static_cast<std::size_t>(length));
    return content;
}

} // namespace

// The build says what the SDK's headers are, the program's identity which rules it checks by. The linker's cache is written anew whenever a
// package brings or takes a library: a plugin that could be loaded before may now miss one.
ManifestCache::ManifestCache(const PluginCopies& copies, const fs::path& checker)
    : _copies(copies),
      _fingerprint(fmt::format("{} abi={} program={} libraries={}", CARILLON_BUILD_ID, CARILLON_PLUGIN_ABI, identityOf(checker),
                               identityOf("/etc/ld.so.cache")))
{
}

std::optional<Manifest> ManifestCache::find(const std::string& sha256) const
{
    try
    {
        const std::string name = sha256 + ".json";
        const Descriptor folder = openTrustedDirectory(_copies.folder());
        const Descriptor file = openTrustedFile(folder, name, _copies.folder() / name);
        const auto entry = nlohmann::json::parse(readAll(file.get()));
        if (entry.at("fingerprint") != _fingerprint) return {};
        Manifest manifest = Manifest::fromJson(entry.at("manifest").get<std::string>());
        if (manifest.sha256 != sha256) return {};
        return manifest;
    }
    catch (const Refused&)
    {
        return {}; // not there, or not to be trusted
    }
    catch (const ConfigurationError&)
    {
        return {};
    }
    catch (const nlohmann::json::exception&)
    {
        return {};
    }
}

void ManifestCache::keep(const Manifest& manifest) const
{
    _copies.put(manifest.sha256 + ".json", nlohmann::json{{"fingerprint", _fingerprint}, {"manifest", manifest.toJson()}}.dump());
}

} // namespace carillon::plugin
