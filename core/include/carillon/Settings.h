#pragma once

#include "carillon/Api.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace carillon
{

enum class SettingType
{
    Text,
    Boolean,
    Integer,
    Number,
    Duration, ///< `2s`, `500ms`, `5m`
    Size,     ///< `64MiB`
    Path,     ///< relative ones start at the configuration file's folder
    List      ///< of texts
};

/// A configuration key that a plugin reads, below `plugin.<its name>.`. A key that no manifest declares stops the start.
struct SettingDeclaration
{
    std::string key{};
    SettingType type = SettingType::Text;
    /// In the notation of the configuration; empty with `isRequired`.
    std::string defaultValue{};
    /// One line for `config:reference`: what it does and why one would change it.
    std::string help{};
    bool isRequired = false;
    /// Masked wherever the configuration is shown; gets a `<key>_file` twin.
    bool isSecret = false;

    bool operator==(const SettingDeclaration&) const = default;
};

/// The values of a plugin's declared keys. Immutable, so thread-safe. Asking for a key that was not declared, or as another type,
/// is a mistake of the plugin and throws std::logic_error naming the key.
class CARILLON_API Settings
{
public:
    using Value = std::variant<std::string, bool, std::int64_t, double, std::chrono::milliseconds, std::vector<std::string>>;

    Settings() = default;
    explicit Settings(std::map<std::string, Value, std::less<>> values) : _values(std::move(values)) {}

    const std::string& text(const std::string& key) const;
    bool boolean(const std::string& key) const;
    /// Integers, and sizes in bytes.
    std::int64_t integer(const std::string& key) const;
    double number(const std::string& key) const;
    std::chrono::milliseconds duration(const std::string& key) const;
    const std::vector<std::string>& list(const std::string& key) const;

private:
    template <typename Type>
    const Type& get(const std::string& key) const;

    std::map<std::string, Value, std::less<>> _values;
};

} // namespace carillon
