#include "SourceTree.h"

#include <algorithm>
#include <fstream>
#include <regex>

namespace carillon::architecture
{

namespace fs = std::filesystem;

SourceTree::SourceTree(fs::path root) : _root(std::move(root))
{
    for (const char* top : {"core", "bin", "plugins", "bench"})
    {
        if (!fs::exists(_root / top)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(_root / top))
        {
            const std::string name = fs::relative(entry.path(), _root).string();
            const fs::path extension = entry.path().extension();
            if (extension == ".h" || extension == ".cpp") readSource(entry.path(), name);
            if (entry.path().filename() == "CMakeLists.txt") readList(entry.path(), name);
        }
    }
}

void SourceTree::readSource(const fs::path& file, const std::string& name)
{
    static const std::regex pattern(R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re");
    std::ifstream stream(file);
    std::string text;
    int line = 0;
    while (std::getline(stream, text))
    {
        ++line;
        std::smatch match;
        if (text.find("include") != std::string::npos && std::regex_search(text, match, pattern))
            _includes.push_back({name, line, match[2].str(), match[1].str() == "\""});
    }
    _lines[name] = static_cast<std::size_t>(line);
}

void SourceTree::readList(const fs::path& file, const std::string& name)
{
    static const std::regex maker(R"(carillon_(?:engine|adapter)_library\(\s*([a-z0-9_]+))");
    static const std::regex target(R"(\bcarillon_[a-z0-9_]+\b)");
    std::ifstream stream(file);
    std::string text;
    for (int line = 1; std::getline(stream, text); ++line)
    {
        text.erase(std::min(text.find('#'), text.size()));
        std::smatch match;
        if (std::regex_search(text, match, maker)) _folders["carillon_" + match[1].str()] = fs::path(name).parent_path().string();
        for (std::sregex_iterator found(text.begin(), text.end(), target), end; found != end; ++found)
            _links.push_back({name, line, found->str()});
    }
}

std::string SourceTree::resolve(const Include& include) const
{
    std::vector<fs::path> places{fs::path(include.file).parent_path()};
    for (fs::path above = places.front(); above.has_parent_path() && above.parent_path() != above; above = above.parent_path())
        if (above.parent_path() == "bin" || above.parent_path() == "plugins") places.push_back(above);
    for (const char* root : {"core/include", "core/src", "core"}) places.emplace_back(root);
    for (const fs::path& place : places)
        if (fs::exists(_root / place / include.target)) return (place / include.target).lexically_normal().string();
    return {};
}

std::string SourceTree::folderOfTarget(const std::string& target) const
{
    const auto found = _folders.find(target);
    return found == _folders.end() ? std::string() : found->second;
}

} // namespace carillon::architecture
