#include "fcm/DiscoverySchema.h"

#include "fcm/ProtoText.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace carillon::fakefcm
{

/// Where in the request we are; a chain on the stack, made into text only when something is wrong there.
struct DiscoverySchema::Place
{
    const Place* parent = nullptr;
    std::string_view name;
    std::size_t index = std::numeric_limits<std::size_t>::max();
    std::string_view suffix; ///< ".key" or ".value" of a map entry

    std::string text() const
    {
        if (parent == nullptr) return std::string(name);
        std::string result = parent->text();
        if (!name.empty())
        {
            if (!result.empty()) result += '.';
            result += name;
        }
        if (index != std::numeric_limits<std::size_t>::max()) result += fmt::format("[{}]", index);
        return result.append(suffix);
    }
};

class DiscoverySchema::Checker
{
public:
    void check(const Json& value, const Type& type, const Place& place, std::string_view fieldName);
    std::vector<FieldViolation> violations;

private:
    using Kind = Type::Kind;

    void checkMessage(const Json& value, const Type& type, const Place& place);
    void checkMap(const Json& value, const Type& type, const Place& place);
    void checkList(const Json& value, const Type& type, const Place& place, std::string_view fieldName);
    void invalid(const Json& value, const Place& place, std::string_view expected);
    void add(std::string field, std::string description) { violations.push_back({std::move(field), std::move(description)}); }
    static bool isEnumValue(const Json& value, const Type& type);
};

namespace
{

bool isInt32(const Json& value)
{
    if (value.is_number_unsigned())
        return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max());
    if (value.is_number_integer()) return value.get<std::int64_t>() >= std::numeric_limits<std::int32_t>::min();
    if (value.is_number_float())
    {
        const double number = value.get<double>();
        return number == std::floor(number) && std::abs(number) <= std::numeric_limits<std::int32_t>::max();
    }
    return value.is_string() && isInt32Text(value.get_ref<const std::string&>());
}

} // namespace

void DiscoverySchema::Checker::check(const Json& value, const Type& type, const Place& place, std::string_view fieldName)
{
    switch (type.kind)
    {
    case Kind::Message: return checkMessage(value, type, place);
    case Kind::Map: return checkMap(value, type, place);
    case Kind::List: return checkList(value, type, place, fieldName);
    case Kind::Any: return;
    default: break;
    }
    if (value.is_array())
    {
        return add(place.parent->text(),
                   fmt::format("Invalid JSON payload received. Unknown name {} at '{}': Proto field is not repeating, "
                               "cannot start list.",
                               jsonQuoted(fieldName), place.parent->text()));
    }
    switch (type.kind)
    {
    case Kind::String:
        if (!value.is_string()) invalid(value, place, "TYPE_STRING");
        break;
    case Kind::Bool:
        if (!value.is_boolean()) invalid(value, place, "TYPE_BOOL");
        break;
    case Kind::Int32:
        if (!isInt32(value)) invalid(value, place, "TYPE_INT32");
        break;
    case Kind::Float:
        if (!value.is_number() && !(value.is_string() && isFloatText(value.get_ref<const std::string&>())))
            invalid(value, place, "TYPE_FLOAT");
        break;
    case Kind::Enum:
        if (!isEnumValue(value, type)) invalid(value, place, type.name);
        break;
    case Kind::Duration:
        if (!value.is_string() || !isDuration(value.get_ref<const std::string&>()))
            invalid(value, place, "type.googleapis.com/google.protobuf.Duration");
        break;
    case Kind::Timestamp:
        if (!value.is_string() || !isTimestamp(value.get_ref<const std::string&>()))
            invalid(value, place, "type.googleapis.com/google.protobuf.Timestamp");
        break;
    default: break;
    }
}

void DiscoverySchema::Checker::checkMessage(const Json& value, const Type& type, const Place& place)
{
    if (!value.is_object()) return invalid(value, place, type.name);
    for (const auto& [name, content] : value.get_ref<const Json::object_t&>())
    {
        const auto field = type.fields.find(name);
        if (field == type.fields.end())
        {
            const std::string parent = place.text();
            add(parent, fmt::format("Invalid JSON payload received. Unknown name {}{}: Cannot find field.", jsonQuoted(name),
                                    parent.empty() ? std::string() : fmt::format(" at '{}'", parent)));
            continue;
        }
        if (content.is_null()) continue;
        check(content, *field->second.type, Place{&place, field->second.protoName, std::numeric_limits<std::size_t>::max(), {}}, name);
    }
}

void DiscoverySchema::Checker::checkMap(const Json& value, const Type& type, const Place& place)
{
    if (!value.is_object()) return invalid(value, place, "Map");
    if (type.element->kind == Kind::Any) return;
    std::size_t index = 0;
    for (const auto& [name, content] : value.get_ref<const Json::object_t&>())
        check(content, *type.element, Place{&place, {}, index++, ".value"}, name);
}

void DiscoverySchema::Checker::checkList(const Json& value, const Type& type, const Place& place, std::string_view fieldName)
{
    if (!value.is_array()) return invalid(value, place, "repeated field");
    std::size_t index = 0;
    for (const Json& content : value) check(content, *type.element, Place{&place, {}, index++, {}}, fieldName);
}

void DiscoverySchema::Checker::invalid(const Json& value, const Place& place, std::string_view expected)
{
    const std::string field = place.text();
    add(field, fmt::format("Invalid value at '{}' ({}), {}", field, expected, value.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

bool DiscoverySchema::Checker::isEnumValue(const Json& value, const Type& type)
{
    if (value.is_number_integer()) return value >= 0 && value < type.values.size();
    if (!value.is_string()) return false;
    std::string name = value.get<std::string>();
    if (type.ignoresCase) std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    return std::find(type.values.begin(), type.values.end(), name) != type.values.end();
}

DiscoverySchema::DiscoverySchema(std::string_view document)
{
    std::string problem;
    const std::optional<Json> parsed = parseJson(document, problem);
    if (!parsed || member(&*parsed, "schemas") == nullptr || member(&*parsed, "parameters") == nullptr)
        throw std::runtime_error("the embedded fcm.v1.json is no API discovery document");
    for (const auto& [name, ignored] : parsed->at("parameters").items()) _queryParameters.insert(name);
    _request = compileNamed(parsed->at("schemas"), "SendMessageRequest");
}

std::vector<FieldViolation> DiscoverySchema::check(const Json& request) const
{
    Checker checker;
    if (!request.is_object()) return {{"", "Invalid JSON payload received. Unknown name \"\": Root element must be a message."}};
    checker.check(request, *_request, Place{}, {});
    return std::move(checker.violations);
}

const DiscoverySchema::Type* DiscoverySchema::compileNamed(const Json& schemas, const std::string& name)
{
    if (const auto known = _named.find(name); known != _named.end()) return known->second;
    if (!schemas.contains(name)) throw std::runtime_error("the embedded fcm.v1.json has no schema " + name);

    Type& type = _types.emplace_back();
    _named.emplace(name, &type); // before its fields: a schema may refer to itself
    type.kind = Type::Kind::Message;
    type.name = "type.googleapis.com/google.firebase.fcm.v1." + name;
    const Json* properties = member(&schemas.at(name), "properties");
    if (properties == nullptr) return &type;
    for (const auto& [field, definition] : properties->items())
    {
        const std::string protoName = snakeCase(field);
        const Type* fieldType = compile(schemas, definition, name, field);
        type.fields[field] = {protoName, fieldType};
        type.fields[protoName] = {protoName, fieldType};
    }
    return &type;
}

const DiscoverySchema::Type* DiscoverySchema::compile(const Json& schemas, const Json& definition, const std::string& owner,
                                                      const std::string& field)
{
    using Kind = Type::Kind;
    if (const Json* reference = member(&definition, "$ref")) return compileNamed(schemas, reference->get<std::string>());

    Type& type = _types.emplace_back();
    const std::string_view name = text(member(&definition, "type"));
    const std::string_view format = text(member(&definition, "format"));
    if (const Json* values = member(&definition, "enum"))
    {
        type.kind = Kind::Enum;
        type.values = values->get<std::vector<std::string>>();
        type.name = fmt::format("type.googleapis.com/google.firebase.fcm.v1.{}.{}", owner, field);
        // The SDKs send "high" and "normal".
        type.ignoresCase = field == "priority";
    }
    else if (name == "string")
        type.kind = format == "google-duration" ? Kind::Duration : format == "google-datetime" ? Kind::Timestamp : Kind::String;
    else if (name == "integer")
        type.kind = Kind::Int32;
    else if (name == "number")
        type.kind = Kind::Float;
    else if (name == "boolean")
        type.kind = Kind::Bool;
    else if (name == "array")
    {
        type.kind = Kind::List;
        type.element = compile(schemas, definition.at("items"), owner, field);
    }
    else if (name == "object")
    {
        type.kind = Kind::Map;
        type.element = compile(schemas, definition.at("additionalProperties"), owner, field);
    }
    else if (name != "any")
        throw std::runtime_error(fmt::format("the embedded fcm.v1.json gives {}.{} the unknown type '{}'", owner, field, name));
    return &type;
}

} // namespace carillon::fakefcm
