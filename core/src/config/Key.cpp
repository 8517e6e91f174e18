#include "config/Key.h"

#include "config/Nearest.h"

#include <algorithm>

namespace carillon::config
{

namespace
{

using Parts = std::vector<std::string>;

std::string joined(const Parts& parts, std::size_t from, std::size_t count)
{
    std::string text;
    for (std::size_t at = from; at < from + count; ++at)
    {
        if (at > from) text += '.';
        text += parts[at];
    }
    return text;
}

bool isPlaceholder(const std::string& part) { return part.front() == '<'; }

/// Does `path` fit the pattern, as a whole or (`mayEndEarly`) as its beginning? A pattern has one placeholder at most.
bool fits(const Parts& pattern, const Parts& path, bool mayEndEarly, std::string& name)
{
    const auto hole = static_cast<std::size_t>(std::find_if(pattern.begin(), pattern.end(), isPlaceholder) - pattern.begin());
    const std::size_t prefix = std::min(hole, path.size());
    if (!std::equal(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(prefix), pattern.begin())) return false;
    if (path.size() <= hole) return hole == pattern.size() ? path.size() == hole || mayEndEarly : mayEndEarly;
    if (hole == pattern.size()) return false;

    const std::size_t tail = pattern.size() - hole - 1;
    const bool takesMany = pattern[hole] == "<type>";
    const std::size_t rest = path.size() - hole;
    // Whole: what stands for the placeholder is all but the tail. Early end: every shorter tail may do.
    const std::size_t shortestTail = mayEndEarly ? 0 : tail;
    for (std::size_t length = tail + 1; length-- > shortestTail;)
    {
        if (rest < length + 1) continue;
        const std::size_t taken = rest - length;
        if (taken > 1 && !takesMany) continue;
        const auto tailBegin = path.end() - static_cast<std::ptrdiff_t>(length);
        if (!std::equal(tailBegin, path.end(), pattern.begin() + static_cast<std::ptrdiff_t>(hole) + 1)) continue;
        name = joined(path, hole, taken);
        return true;
    }
    return false;
}

} // namespace

std::string Key::path(const std::string& name) const
{
    const auto begin = pattern.find('<');
    if (begin == std::string::npos) return pattern;
    return pattern.substr(0, begin) + name + pattern.substr(pattern.find('>') + 1);
}

std::string Key::section() const { return pattern.substr(0, pattern.find('.')); }

Match match(const std::string& path)
{
    const Parts parts = splitPath(path);
    Match best;
    for (const auto& key : keys())
    {
        Match found{&key, {}, false};
        if (!fits(key.parts, parts, false, found.name)) continue;
        // `types.<type>.timeout` and `routing.<type>` never compete, but within `types` the longer tail is the one that was meant.
        if (best.key == nullptr || key.pattern.size() > best.key->pattern.size()) best = found;
    }
    if (best.key != nullptr) return best;

    constexpr std::string_view twin = "_file";
    if (!path.ends_with(twin)) return {};
    Match stem = match(path.substr(0, path.size() - twin.size()));
    if (stem.key == nullptr || !stem.key->isSecret()) return {};
    stem.isFileTwin = true;
    return stem;
}

bool isSection(const std::string& path, std::string& name)
{
    const Parts parts = splitPath(path);
    return std::any_of(keys().begin(), keys().end(),
                       [&](const Key& key) { return fits(key.parts, parts, true, name) && !fits(key.parts, parts, false, name); });
}

std::optional<std::string> nearestKey(const std::string& path)
{
    const Parts parts = splitPath(path);
    std::optional<std::string> best;
    std::size_t bestDistance = 0;
    std::optional<std::string> sameWord;
    const auto consider = [&](const std::string& candidate, std::size_t knownLength)
    {
        const auto distance = editDistance(path, candidate);
        const bool isClose = distance <= std::max<std::size_t>(2, knownLength / 3);
        if (isClose && (!best || distance < bestDistance))
        {
            best = candidate;
            bestDistance = distance;
        }
        // Right word, wrong place: `transports.notifications.max_retries`.
        const bool isSameWord = candidate.starts_with(parts.front() + ".") && splitPath(candidate).back() == parts.back();
        if (isSameWord && !sameWord) sameWord = candidate;
    };
    for (const auto& key : keys())
    {
        const auto considerBoth = [&](const std::string& candidate, std::size_t knownLength)
        {
            consider(candidate, knownLength);
            if (key.isSecret()) consider(candidate + "_file", knownLength);
        };
        if (!key.isNamed())
        {
            considerBoth(key.pattern, key.pattern.size());
            continue;
        }
        // The written name is kept: only the known levels can be misspelt, and only they count as a likeness.
        const bool takesMany = key.parts[1] == "<type>";
        const std::size_t most = takesMany ? parts.size() - 1 : std::min<std::size_t>(1, parts.size() - 1);
        for (std::size_t taken = 1; taken <= most; ++taken) considerBoth(key.path(joined(parts, 1, taken)), key.path("").size());
    }
    return best ? best : sameWord;
}

std::vector<std::string> splitPath(std::string_view path)
{
    Parts parts;
    while (true)
    {
        const auto dot = path.find('.');
        parts.emplace_back(path.substr(0, dot));
        if (dot == std::string_view::npos) return parts;
        path.remove_prefix(dot + 1);
    }
}

} // namespace carillon::config
