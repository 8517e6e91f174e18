#pragma once

#include "schema/RapidJson.h"

#include <set>
#include <string>
#include <string_view>

/// For this folder's .cpp files only, since it needs RapidJSON.
namespace carillon::schema
{

/// Keywords that are checked by our own code instead of the validator's; they replace `pattern` and `format` in the tree.
inline constexpr const char* patternKeyword = "x-carillon-pattern";
inline constexpr const char* formatKeyword = "x-carillon-format";

/// A schema that keeps the rules, as the validator gets it.
struct CheckedSchema
{
    rapidjson::Document document;
    /// Every name that the schema gives to a member: these may be shown in errors.
    std::set<std::string, std::less<>> names;
};

/// Throws InvalidInput with the pointer of the first place that breaks a rule.
CheckedSchema readSchema(std::string_view text);

/// The expression for a `format` that we check; null for others.
const char* formatExpression(std::string_view format);

} // namespace carillon::schema
