#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace carillon::fakefcm
{

/// Keeps the order of keys, because FCM names map entries by their place. Of duplicate keys the last one's value counts.
using Json = nlohmann::ordered_json;

/// Deeper documents are refused, as protobuf's JSON parser does.
constexpr int maxJsonDepth = 100;

/// Parses UTF-8 JSON. Nothing when it is not, and then `problem` says why and, in a line of its own, where, as Google's API does.
std::optional<Json> parseJson(std::string_view text, std::string& problem);

/// The member of an object by its JSON name or its original proto name; null when the object is null or has none, or when the value is
/// `null`, which proto3 takes for absent. When both names are there the later one counts.
const Json* member(const Json* object, std::string_view jsonName, std::string_view protoName = {});

/// The string a member holds; empty when it is absent or no string. The view lives as long as the document.
std::string_view text(const Json* value);

/// `text` as a JSON string, with its quotes.
std::string jsonQuoted(std::string_view text);

} // namespace carillon::fakefcm
