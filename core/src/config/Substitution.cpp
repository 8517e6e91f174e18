#include "config/Substitution.h"

#include <fmt/format.h>

namespace carillon::config
{

namespace
{

bool isVariableName(std::string_view name)
{
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

} // namespace

Substituted substitute(const std::string& text, const Variables& variables)
{
    std::string result;
    std::size_t at = 0;
    while (true)
    {
        const auto open = text.find("${", at);
        if (open == std::string::npos) return {result + text.substr(at), {}};

        const bool isEscaped = open > at && text[open - 1] == '$';
        if (isEscaped)
        {
            result += text.substr(at, open - 1 - at) + "${";
            at = open + 2;
            continue;
        }
        const auto close = text.find('}', open);
        if (close == std::string::npos) return {std::nullopt, "holds '${' without '}'; write $${ for a plain ${"};

        const std::string inner = text.substr(open + 2, close - open - 2);
        const auto colon = inner.find(':');
        const std::string name = inner.substr(0, colon);
        if (!isVariableName(name))
            return {std::nullopt, fmt::format("holds '${{{}}}', which names no variable; write ${{NAME}} or ${{NAME:default}}", name)};
        if (inner.find("${") != std::string::npos)
            return {std::nullopt, fmt::format("holds a ${{}} inside of ${{{}}}; that is not read", name)};

        result += text.substr(at, open - at);
        if (const auto found = variables.find(name); found != variables.end())
            result += found->second;
        else if (colon != std::string::npos)
            result += inner.substr(colon + 1);
        else
            return {std::nullopt,
                    fmt::format("needs the environment variable {}, which is not set; set it or write ${{{}:default}}", name, name)};
        at = close + 1;
    }
}

} // namespace carillon::config
