#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace carillon::architecture
{

/// One `#include` line.
struct Include
{
    std::string file; ///< relative to the tree's root
    int line = 0;
    std::string target;
    bool isQuoted = false;
};

/// One target named in a folder's CMakeLists.txt.
struct Link
{
    std::string file;
    int line = 0;
    std::string target;
};

/// What the rules are about: who includes and who links what, in the folders that are shipped.
class SourceTree
{
public:
    explicit SourceTree(std::filesystem::path root);

    const std::vector<Include>& includes() const { return _includes; }
    const std::vector<Link>& links() const { return _links; }
    const std::map<std::string, std::size_t>& linesOfFile() const { return _lines; }

    /// The file that a quoted include means, relative to the root; empty when it is generated or not there.
    std::string resolve(const Include& include) const;

    /// The folder that makes a target of ours (`carillon_config` → `core/src/config`); empty for others.
    std::string folderOfTarget(const std::string& target) const;

private:
    void readSource(const std::filesystem::path& file, const std::string& name);
    void readList(const std::filesystem::path& file, const std::string& name);

    std::filesystem::path _root;
    std::vector<Include> _includes;
    std::vector<Link> _links;
    std::map<std::string, std::size_t> _lines;
    std::map<std::string, std::string> _folders;
};

} // namespace carillon::architecture
