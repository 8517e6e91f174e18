#pragma once

#include "config/Configuration.h"
#include "config/Values.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::config
{

enum class Secrecy
{
    Open,
    Credentials, ///< a URL: user and password in it are masked
    Secret       ///< masked as a whole
};

/// One key that the files may hold: everything that parsing, unknown-key detection, `config:reference` and the documentation need.
///
/// In a pattern `<name>` stands for one level and `<type>` for one or more (message types hold dots):
/// `transports.<name>.dsn`, `types.<type>.retry.delay`.
struct Key
{
    std::string pattern;
    std::vector<std::string> parts; ///< the pattern's levels
    std::string help;
    ValueRule rule;
    Secrecy secrecy = Secrecy::Open;
    bool isOptional = false;  ///< unset is a state of its own, not a value
    std::string defaultText;  ///< from the member's initialiser
    std::string unset;        ///< what holds when nothing is given, where defaultText does not say it
    bool mustExist = false;   ///< a path that, when given, names a readable file
    bool holdsSecret = false; ///< a path whose file must be nobody else's to read

    /// Puts a parsed value in its member. `name` stands for `<name>` or `<type>`.
    std::function<void(Configuration&, const std::string& name, const Value&)> assign;

    bool isNamed() const { return pattern.find('<') != std::string::npos; }
    bool isSecret() const { return secrecy != Secrecy::Open; }
    /// The pattern with the name in it.
    std::string path(const std::string& name) const;
    /// `transports` of `transports.<name>.dsn`.
    std::string section() const;
};

/// Every key but the free ones of plugins (`plugin.<name>.<key>`), in the order of the reference. Built once; thread-safe.
const std::vector<Key>& keys();

/// A key that a dotted path names, and what stands for its placeholder.
struct Match
{
    const Key* key = nullptr;
    std::string name;
    bool isFileTwin = false; ///< the path is `<a secret key>_file`
};

/// Null key when nothing fits.
Match match(const std::string& path);

/// True when longer keys begin with that path: `admin`, `transports.notifications`. `name` is then what stood for the placeholder, if it
/// was reached.
bool isSection(const std::string& path, std::string& name);

/// The key that was probably meant by a path that matches none.
std::optional<std::string> nearestKey(const std::string& path);

std::vector<std::string> splitPath(std::string_view path);

} // namespace carillon::config
