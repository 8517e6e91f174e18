#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace carillon::plugin
{

/// The folder of copies by content: `<sha256>.so`, read-only, never changed. What is loaded is a copy, so that a file which is overwritten
/// in place while it is mapped cannot end a process with SIGBUS, and what was checked is what is loaded.
class PluginCopies
{
public:
    struct Copy
    {
        std::string sha256;
        std::filesystem::path file;
    };

    /// Makes the folder with mode 0700. Throws ConfigurationError when it cannot be made or others may write it.
    explicit PluginCopies(std::filesystem::path folder);

    /// Copies what can be read from `source`, unless it is here already. Throws Refused when it is too large or cannot be written.
    Copy take(int source) const;

    /// Writes a small file beside the copies, atomically, mode 0400. False when it cannot be written.
    bool put(const std::string& name, const std::string& content) const;

    /// Removes every file whose name before the first dot is not in `kept`.
    void prune(const std::set<std::string>& kept) const;

    const std::filesystem::path& folder() const noexcept { return _folder; }

private:
    std::filesystem::path _folder;
};

} // namespace carillon::plugin
