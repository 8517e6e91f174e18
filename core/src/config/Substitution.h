#pragma once

#include <map>
#include <optional>
#include <string>

namespace carillon::config
{

using Variables = std::map<std::string, std::string, std::less<>>;

struct Substituted
{
    std::optional<std::string> text;
    std::string error;
};

/// Replaces `${NAME}` and `${NAME:default}` by environment variables; `$${` stands for `${`.
/// A variable that is set to nothing counts as set. What is put in is not read again. Pure.
Substituted substitute(const std::string& text, const Variables& variables);

} // namespace carillon::config
