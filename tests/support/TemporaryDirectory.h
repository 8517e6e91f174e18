#pragma once

#include <filesystem>
#include <string>

namespace carillon::tests
{

/// A folder of the test's own below the system's temporary folder, mode 0700, removed with all its content at the end.
class TemporaryDirectory
{
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::filesystem::path& path() const { return _path; }
    std::filesystem::path operator/(const std::string& name) const { return _path / name; }

private:
    std::filesystem::path _path;
};

} // namespace carillon::tests
