#include "schema/SchemaRules.h"

#include "schema/JsonReader.h"
#include "schema/Pattern.h"
#include "schema/Schema.h"

#include <array>
#include <iterator>

namespace carillon::schema
{

namespace
{

using Value = rapidjson::Value;

constexpr std::array singleKeywords{"additionalItems", "additionalProperties", "contains", "else", "if", "not", "propertyNames", "then"};
constexpr std::array listKeywords{"allOf", "anyOf", "oneOf"};
constexpr std::array mapKeywords{"definitions", "properties"};
constexpr std::array valueKeywords{"$comment",      "$id",         "$schema",       "const",    "contentEncoding",  "contentMediaType",
                                   "default",       "description", "enum",          "examples", "exclusiveMaximum", "exclusiveMinimum",
                                   "maxItems",      "maxLength",   "maxProperties", "maximum",  "minItems",         "minLength",
                                   "minProperties", "minimum",     "multipleOf",    "readOnly", "required",         "title",
                                   "type",          "writeOnly"};

/// Comparing each item with each other takes the square of their number.
constexpr std::uint64_t mostUniqueItems = 1024;

template <typename Names>
bool isOneOf(std::string_view name, const Names& names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string pointerSegment(std::string_view name)
{
    std::string result;
    for (const char letter : name)
    {
        if (letter == '~')
            result += "~0";
        else if (letter == '/')
            result += "~1";
        else
            result += letter;
    }
    return result;
}

/// Walks through every subschema, and only through them: an `enum` may hold an object that has a member called `pattern`.
class RuleWalk
{
public:
    explicit RuleWalk(CheckedSchema& schema) : _schema(schema) {}

    void run()
    {
        visit(_schema.document, "");
        for (const auto& [pointer, target] : _references)
            if (!_pointers.contains(target)) fail(pointer + "/$ref", "points to no schema in this text; use '#' or '#/definitions/<name>'");
    }

private:
    [[noreturn]] static void fail(const std::string& pointer, const std::string& reason)
    {
        throw InvalidInput(fmt::format("schema at '{}': {}", pointer.empty() ? "/" : pointer, reason), pointer);
    }

    void visit(Value& schema, const std::string& pointer)
    {
        _pointers.insert("#" + pointer);
        if (schema.IsBool()) return;
        if (!schema.IsObject()) fail(pointer, "must be an object, true or false");

        for (auto& member : schema.GetObject())
        {
            const std::string name(member.name.GetString(), member.name.GetStringLength());
            visitKeyword(schema, name, member.value, pointer);
        }
        replace(schema);
    }

    void visitKeyword(const Value& schema, const std::string& name, Value& value, const std::string& pointer)
    {
        const std::string place = pointer + "/" + pointerSegment(name);
        if (isOneOf(name, singleKeywords)) return visit(value, place);
        if (isOneOf(name, listKeywords) || (name == "items" && value.IsArray())) return visitList(value, place);
        if (name == "items") return visit(value, place);
        if (isOneOf(name, mapKeywords)) return visitMap(value, place);
        if (name == "dependencies") return visitDependencies(value, place);
        if (name == "pattern") return checkPattern(schema, value, place);
        if (name == "format") return checkFormat(value, place);
        if (name == "uniqueItems") return checkUniqueItems(schema, value, place);
        if (name == "required") return noteNames(value);
        if (name == "$ref") return noteReference(value, pointer);
        if (name == "patternProperties")
            fail(place,
                 "is not supported, since its expressions are matched with backtracking; use 'propertyNames' and 'additionalProperties'");
        if (isOneOf(name, valueKeywords) || (name.starts_with("x-") && !name.starts_with("x-carillon-"))) return;
        fail(place, "is no keyword of draft-07; correct it, or begin it with 'x-' when it is your own note");
    }

    void visitList(Value& list, const std::string& pointer)
    {
        if (!list.IsArray()) fail(pointer, "must be a list of schemas");
        std::size_t index = 0;
        for (Value& schema : list.GetArray()) visit(schema, pointer + "/" + std::to_string(index++));
    }

    void visitMap(Value& map, const std::string& pointer)
    {
        if (!map.IsObject()) fail(pointer, "must be an object of schemas");
        for (auto& member : map.GetObject())
        {
            const std::string name(member.name.GetString(), member.name.GetStringLength());
            _schema.names.insert(name);
            visit(member.value, pointer + "/" + pointerSegment(name));
        }
    }

    void visitDependencies(Value& map, const std::string& pointer)
    {
        if (!map.IsObject()) fail(pointer, "must be an object of schemas and lists of names");
        for (auto& member : map.GetObject())
        {
            const std::string name(member.name.GetString(), member.name.GetStringLength());
            _schema.names.insert(name);
            if (member.value.IsArray())
                noteNames(member.value);
            else
                visit(member.value, pointer + "/" + pointerSegment(name));
        }
    }

    static void checkPattern(const Value& schema, const Value& value, const std::string& pointer)
    {
        if (!value.IsString()) fail(pointer, "must be a text");
        const auto limit = schema.FindMember("maxLength");
        if (limit == schema.MemberEnd() || !limit->value.IsUint64() || limit->value.GetUint64() > Pattern::maxLength)
            fail(pointer, fmt::format("needs a 'maxLength' of at most {} beside it, so that no text can make it slow", Pattern::maxLength));
        if (value.GetStringLength() > Pattern::maxLength) fail(pointer, fmt::format("has more than {} characters", Pattern::maxLength));
        try
        {
            const Pattern compiled({value.GetString(), value.GetStringLength()});
        }
        catch (const std::regex_error& error)
        {
            fail(pointer, fmt::format("is no ECMAScript expression without back-references ({})", error.what()));
        }
    }

    static void checkFormat(const Value& value, const std::string& pointer)
    {
        if (!value.IsString()) fail(pointer, "must be a text");
        if (formatExpression(value.GetString()) == nullptr)
            fail(pointer, "is a format that is not checked here; those that are: date, time, date-time, uuid. Use 'pattern' for others");
    }

    static void checkUniqueItems(const Value& schema, const Value& value, const std::string& pointer)
    {
        if (!value.IsBool()) fail(pointer, "must be true or false");
        const auto limit = schema.FindMember("maxItems");
        if (value.GetBool() && (limit == schema.MemberEnd() || !limit->value.IsUint64() || limit->value.GetUint64() > mostUniqueItems))
            fail(pointer,
                 fmt::format("needs a 'maxItems' of at most {} beside it, since every item is compared with every other", mostUniqueItems));
    }

    void noteNames(const Value& names)
    {
        if (!names.IsArray()) return; // the validator's own check names this mistake
        for (const Value& name : names.GetArray())
            if (name.IsString()) _schema.names.insert(name.GetString());
    }

    void noteReference(const Value& value, const std::string& pointer)
    {
        if (!value.IsString()) fail(pointer + "/$ref", "must be a text");
        _references.emplace_back(pointer, value.GetString());
    }

    void replace(Value& schema)
    {
        for (auto& member : schema.GetObject())
        {
            const std::string_view name(member.name.GetString(), member.name.GetStringLength());
            if (name == "pattern") member.name.SetString(rapidjson::StringRef(patternKeyword));
            if (name == "format") member.name.SetString(rapidjson::StringRef(formatKeyword));
        }
        // References stay within the text, so a name of its own would only make the validator look for it elsewhere.
        schema.RemoveMember("$id");
    }

    CheckedSchema& _schema;
    std::set<std::string, std::less<>> _pointers;
    std::vector<std::pair<std::string, std::string>> _references;
};

} // namespace

CheckedSchema readSchema(std::string_view text)
{
    CheckedSchema schema{readDocument(text, BodyLimits{}, "the schema"), {}};
    RuleWalk(schema).run();
    return schema;
}

const char* formatExpression(std::string_view format)
{
#define CARILLON_DATE "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
#define CARILLON_TIME "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    if (format == "date") return "^" CARILLON_DATE "$";
    if (format == "time") return "^" CARILLON_TIME "$";
    if (format == "date-time") return "^" CARILLON_DATE "[Tt]" CARILLON_TIME "$";
    if (format == "uuid") return "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";
    return nullptr;
#undef CARILLON_DATE
#undef CARILLON_TIME
}

void checkSchemaRules(std::string_view text) { readSchema(text); }

} // namespace carillon::schema
