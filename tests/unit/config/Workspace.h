#pragma once

#include "config/Loader.h"
#include "support/TemporaryDirectory.h"

#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>

namespace carillon::config::tests
{

/// A working folder with an etc/ of the test's own.
class Workspace
{
public:
    Workspace()
    {
        std::filesystem::create_directory(_directory / "etc");
        options.workingDirectory = _directory.path();
    }

    const std::filesystem::path& path() const { return _directory.path(); }

    std::filesystem::path write(const std::string& name, const std::string& content, mode_t mode = 0600)
    {
        const auto file = _directory / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
        ::chmod(file.c_str(), mode);
        return file;
    }

    LoadResult load() const { return config::load(options); }

    /// Loads what must be well; otherwise throws what is wrong.
    Configuration loaded() const
    {
        auto result = load();
        if (!result.configuration) throw std::runtime_error(problems(result));
        return std::move(*result.configuration);
    }

    static std::string problems(const LoadResult& result)
    {
        std::string text;
        for (const auto& problem : result.problems) text += problem.text() + "\n";
        return text;
    }

    /// The problems of a base file of that content beside what is needed anyway.
    std::string problemsOf(const std::string& yaml)
    {
        write("etc/carillon.yaml", yaml + minimum);
        return problems(load());
    }

    /// The least that loads.
    static constexpr const char* minimum = "\ntransports: {notifications: {}, failed: {}}\n";

    LoadOptions options;

private:
    carillon::tests::TemporaryDirectory _directory;
};

inline std::string textOf(const std::vector<Problem>& problems)
{
    std::string text;
    for (const auto& problem : problems) text += problem.text() + "\n";
    return text;
}

} // namespace carillon::config::tests
