#include "Rules.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace carillon::architecture
{

namespace
{

constexpr std::size_t mostLines = 450;

/// A part of the tree as the arrows see it.
struct Part
{
    enum class Kind
    {
        Sdk,
        Engine,
        Adapter,
        Plugin,
        Program
    };

    Kind kind = Kind::Program;
    std::string folder;
};

std::string firstFolders(const std::string& path, int count)
{
    std::size_t end = 0;
    for (int folder = 0; folder < count; ++folder)
    {
        end = path.find('/', folder == 0 ? 0 : end + 1);
        if (end == std::string::npos) return path;
    }
    return path.substr(0, end);
}

Part partOf(const std::string& file)
{
    if (file.starts_with("core/include/") || file.starts_with("core/sdk/")) return {Part::Kind::Sdk, "core/include"};
    if (file.starts_with("core/src/")) return {Part::Kind::Engine, firstFolders(file, 3)};
    if (file.starts_with("plugins/")) return {Part::Kind::Plugin, firstFolders(file, 2)};
    if (!file.starts_with("core/")) return {Part::Kind::Program, firstFolders(file, file.starts_with("bin/") ? 2 : 1)};
    const bool isOneOfSeveral =
        file.starts_with("core/transports/") || file.starts_with("core/stores/") || file.starts_with("core/push/fcm/");
    return {Part::Kind::Adapter, firstFolders(file, isOneOfSeveral ? 3 : 2)};
}

/// What one adapter may know of another: the shared database file, the port that push providers implement.
bool isSharedBetween(const std::string& user, const std::string& used)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> shared{{{"core/transports/sqlite", "core/sqlite"},
                                                                                   {"core/stores/sqlite", "core/sqlite"},
                                                                                   {"core/push/fcm", "core/push"},
                                                                                   {"core/notification", "core/push"},
                                                                                   {"core/testkit", "core/transports/memory"}}};
    return std::any_of(shared.begin(), shared.end(), [&](const auto& pair) { return pair.first == user && pair.second == used; });
}

bool mayKnow(const Part& user, const Part& used)
{
    using Kind = Part::Kind;
    if (used.kind == Kind::Sdk || user.folder == used.folder) return true;
    switch (user.kind)
    {
    case Kind::Sdk:
    case Kind::Plugin:
        return false;
    case Kind::Engine:
        return used.kind == Kind::Engine;
    case Kind::Adapter:
        return used.kind == Kind::Engine || isSharedBetween(user.folder, used.folder);
    case Kind::Program:
        return used.kind == Kind::Engine || used.kind == Kind::Adapter;
    }
    return false;
}

template <typename Place>
std::string at(const Place& place, const std::string& reason)
{
    return place.file + ":" + std::to_string(place.line) + ": " + reason;
}

} // namespace

Violations includesAgainstTheArrows(const SourceTree& tree)
{
    Violations violations;
    for (const Include& include : tree.includes())
    {
        if (!include.isQuoted) continue;
        const std::string used = tree.resolve(include);
        const Part user = partOf(include.file);
        // What is not there is generated; only the SDK and the programs have such headers.
        if (used.empty() && (include.target.starts_with("carillon/") || user.kind == Part::Kind::Program)) continue;
        if (used.empty())
            violations.push_back(at(include, "includes \"" + include.target + "\", which is nowhere in the tree"));
        else if (!mayKnow(user, partOf(used)))
            violations.push_back(
                at(include, user.folder + " may not know " + partOf(used).folder + ", but includes \"" + include.target + "\""));
    }
    return violations;
}

Violations linksAgainstTheArrows(const SourceTree& tree)
{
    Violations violations;
    for (const Link& link : tree.links())
    {
        const std::string folder = tree.folderOfTarget(link.target);
        if (folder.empty()) continue;
        const Part user = partOf(link.file);
        const Part used = partOf(folder + "/CMakeLists.txt");
        if (!mayKnow(user, used))
            violations.push_back(at(link, user.folder + " may not know " + used.folder + ", but names " + link.target));
    }
    return violations;
}

Violations vendorHeadersOutsideTheirFolder(const SourceTree& tree)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> homes{{{"amqp", "core/transports/rabbitmq/"},
                                                                                   {"rabbitmq-c/", "core/transports/rabbitmq/"},
                                                                                   {"mongoc", "core/stores/mongodb/"},
                                                                                   {"bson", "core/stores/mongodb/"},
                                                                                   {"Poco/MongoDB/", "core/stores/mongodb/"},
                                                                                   {"sqlite3.h", "core/sqlite/"},
                                                                                   {"Poco/Data/", "core/sqlite/"},
                                                                                   {"curl/", "core/push/fcm/"},
                                                                                   {"nghttp2/", "bin/fake-fcm/"},
                                                                                   {"valijson/", "core/src/schema/"},
                                                                                   {"yaml-cpp/", "core/src/config/"},
                                                                                   {"cctz/", "core/src/schedule/"}}};
    Violations violations;
    for (const Include& include : tree.includes())
    {
        for (const auto& [header, home] : homes)
            if (include.target.starts_with(header) && !include.file.starts_with(home))
                violations.push_back(at(include, "<" + include.target + "> belongs into " + std::string(home) + " only"));
        if (include.target.starts_with("Poco/Net/") && partOf(include.file).kind == Part::Kind::Engine)
            violations.push_back(at(include, "the engine knows no network, but includes <" + include.target + ">"));
    }
    return violations;
}

Violations vendorHeadersInPublicHeaders(const SourceTree& tree)
{
    Violations violations;
    for (const Include& include : tree.includes())
    {
        const bool isPublic =
            include.file.starts_with("core/include/") || (include.file.starts_with("core/src/port/") && include.file.ends_with(".h"));
        const bool isStandard = include.target.find_first_of("./") == std::string::npos;
        if (isPublic && !include.isQuoted && !isStandard)
            violations.push_back(at(include, "a public header includes <" + include.target + ">"));
        if (include.file.starts_with("core/include/") && include.isQuoted && !include.target.starts_with("carillon/"))
            violations.push_back(at(include, "an installed header includes \"" + include.target + "\"; write it as \"carillon/…\""));
    }
    return violations;
}

Violations filesThatAreTooLong(const SourceTree& tree)
{
    Violations violations;
    for (const auto& [file, lines] : tree.linesOfFile())
        if (lines > mostLines)
            violations.push_back(file + ": has " + std::to_string(lines) + " lines, more than " + std::to_string(mostLines));
    return violations;
}

} // namespace carillon::architecture
