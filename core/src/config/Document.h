#pragma once

#include "config/Configuration.h"

#include <filesystem>
#include <string>
#include <vector>

namespace carillon::config
{

/// Something wrong, in one line that names place, thing and remedy.
struct Problem
{
    std::string place; ///< `etc/dev.yaml:12:3`; empty: nowhere in particular
    std::string message;

    std::string text() const { return place.empty() ? message : place + ": " + message; }
};

/// One thing a source says, before it is known whether such a key exists. Maps are flattened: `a: {b: 1}` says `a.b`.
struct Setting
{
    enum class Form
    {
        Scalar,
        List,
        Section, ///< a map or an ini section without content
        Nothing  ///< a key without value
    };

    std::string path;
    Form form = Form::Scalar;
    std::string text;
    std::vector<std::string> items;
    Origin origin;
};

struct Document
{
    std::vector<Setting> settings;
    std::vector<Problem> problems;
};

/// What every configuration file must be: readable, regular, at most 1 MiB, UTF-8, without control characters.
/// Returns nothing and adds a problem when it is not. A byte order mark is taken off. Blocks on the disk.
std::optional<std::string> readSource(const std::filesystem::path& file, const std::string& shownAs, std::vector<Problem>& problems);

/// Reads YAML 1.2 mappings, scalars and lists; aliases, tags and further documents are problems. Keys said twice are problems. Pure.
Document readYaml(const std::string& text, const Origin& origin);

/// Reads `[section]`, `key = value`; a value may be a list (commas) and may be in double quotes (`\"`, `\\`).
/// `;` and `#` begin a comment on a line of its own only. Keys said twice are problems. Pure.
Document readIni(const std::string& text, const Origin& origin);

} // namespace carillon::config
