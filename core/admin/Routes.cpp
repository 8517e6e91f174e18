#include "admin/Routes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace carillon::admin
{
namespace
{

bool isVariable(const std::string& segment) { return segment.starts_with('{'); }

std::vector<std::string> split(std::string_view path)
{
    std::vector<std::string> segments;
    path.remove_prefix(1);
    while (!path.empty())
    {
        const auto end = std::min(path.find('/'), path.size());
        segments.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return segments;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments)
{
    return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                      [](const std::string& expected, const std::string& given)
                      { return isVariable(expected) ? !given.empty() : expected == given; });
}

} // namespace

std::string Resource::allow() const
{
    std::vector<std::string> names;
    for (const auto& [method, endpoint] : methods) names.push_back(method);
    if (methods.contains("GET")) names.emplace_back("HEAD");
    names.emplace_back("OPTIONS");
    std::sort(names.begin(), names.end());
    return fmt::format("{}", fmt::join(names, ", "));
}

void Routes::add(std::string_view method, std::string_view path, Access access, Endpoint endpoint)
{
    std::vector<std::string> pattern = split(path);
    auto found = std::find_if(_resources.begin(), _resources.end(), [&](const Resource& resource) { return resource.pattern == pattern; });
    if (found == _resources.end()) found = _resources.insert(_resources.end(), {std::move(pattern), access, {}});
    found->methods.emplace(method, std::move(endpoint));
}

const Resource* Routes::find(const std::vector<std::string>& segments) const
{
    const auto found =
        std::find_if(_resources.begin(), _resources.end(), [&](const Resource& resource) { return matches(resource.pattern, segments); });
    return found == _resources.end() ? nullptr : &*found;
}

PathValues Routes::valuesOf(const Resource& resource, const std::vector<std::string>& segments) const
{
    PathValues values;
    for (std::size_t i = 0; i < resource.pattern.size(); ++i)
        if (isVariable(resource.pattern[i])) values.push_back(segments[i]);
    return values;
}

std::vector<std::string> Routes::list() const
{
    std::vector<std::string> lines;
    for (const Resource& resource : _resources)
        for (const auto& [method, endpoint] : resource.methods)
            lines.push_back(fmt::format("{} /{}", method, fmt::join(resource.pattern, "/")));
    std::sort(lines.begin(), lines.end());
    return lines;
}

} // namespace carillon::admin
