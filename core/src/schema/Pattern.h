#pragma once

#include <cstddef>
#include <regex>
#include <string>
#include <string_view>

namespace carillon::schema
{

/// A regular expression that is safe on text from anywhere: matched without backtracking, on code points, and never on long text.
/// The standard's default engine recurses once a character and takes exponential time on patterns as small as `(a+)+$`.
/// Immutable and thread-safe.
class Pattern
{
public:
    /// No longer text is looked at.
    static constexpr std::size_t maxLength = 1024;

    /// ECMAScript syntax without back-references. Throws std::regex_error.
    explicit Pattern(std::string_view expression);

    /// True when the expression is found anywhere in `text` (UTF-8). Text of more than `maxLength` code points never matches.
    bool matches(std::string_view text) const;

private:
    std::wregex _expression;
};

} // namespace carillon::schema
