#include "schema/Schema.h"

#include "schema/JsonReader.h"
#include "schema/Pattern.h"
#include "schema/SchemaRules.h"

#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <array>
#include <charconv>
#include <new>

namespace carillon::schema
{

namespace
{

using Adapter = valijson::adapters::RapidJsonAdapter;

/// `pattern` and `format`, matched by our own Pattern.
class PatternConstraint final : public valijson::constraints::PolyConstraint
{
public:
    PatternConstraint(std::shared_ptr<const Pattern> pattern, std::string message)
        : _pattern(std::move(pattern)),
          _message(std::move(message))
    {
    }

    bool validate(const valijson::adapters::Adapter& target, const std::vector<std::string>& context,
                  valijson::ValidationResults* results) const override
    {
        if (!target.isString() || _pattern->matches(target.asString())) return true;
        if (results != nullptr) results->pushError(context, _message);
        return false;
    }

private:
    valijson::constraints::Constraint* cloneInto(void* memory) const override { return new (memory) PatternConstraint(*this); }
    std::size_t sizeOf() const override { return sizeof(PatternConstraint); }

    std::shared_ptr<const Pattern> _pattern;
    std::string _message;
};

class PatternBuilder final : public valijson::ConstraintBuilder
{
public:
    valijson::constraints::Constraint* make(const valijson::adapters::Adapter& value) const override
    {
        return new PatternConstraint(std::make_shared<Pattern>(value.asString()), "does not match its 'pattern'");
    }
};

class FormatBuilder final : public valijson::ConstraintBuilder
{
public:
    valijson::constraints::Constraint* make(const valijson::adapters::Adapter& value) const override
    {
        const std::string format = value.asString();
        return new PatternConstraint(std::make_shared<Pattern>(formatExpression(format)), "has not the format '" + format + "'");
    }
};

/// Only the schema's own words, and for people: the validator speaks of its constraints, and puts the name of an unexpected member into
/// its text.
std::string messageOf(const std::string& description)
{
    if (description.starts_with("Failed to match against any enum values")) return "is none of the values that the schema allows";
    if (description.starts_with("Value type not permitted")) return "has not the type that the schema asks for";
    if (description.starts_with("Object contains a property that could not be validated"))
        return "has a member that the schema does not allow";
    std::string message = description;
    while (message.ends_with('.')) message.pop_back();
    return message;
}

} // namespace

struct Schema::Compiled
{
    valijson::Schema schema;
    std::set<std::string, std::less<>> names;

    /// `path` is the validator's: `<root>`, `[data]`, `[3]`.
    std::string pointerOf(const std::vector<std::string>& path, const rapidjson::Value& body) const;
    std::optional<Violation> violationOf(const rapidjson::Value& body) const;
};

std::string Schema::Compiled::pointerOf(const std::vector<std::string>& path, const rapidjson::Value& body) const
{
    std::string pointer;
    const rapidjson::Value* current = &body;
    for (std::size_t step = 1; step < path.size(); ++step)
    {
        const std::string segment = path[step].substr(1, path[step].size() - 2);
        if (current != nullptr && current->IsArray())
        {
            std::size_t index = 0;
            std::from_chars(segment.data(), segment.data() + segment.size(), index);
            current = index < current->Size() ? &(*current)[static_cast<rapidjson::SizeType>(index)] : nullptr;
            pointer += "/" + segment;
            continue;
        }
        if (current != nullptr && current->IsObject())
        {
            const auto member = current->FindMember(rapidjson::Value(rapidjson::StringRef(segment.data(), segment.size())));
            current = member == current->MemberEnd() ? nullptr : &member->value;
        }
        pointer += '/';
        if (!names.contains(segment))
        {
            pointer += '*';
            continue;
        }
        for (const char letter : segment) pointer += letter == '~' ? "~0" : letter == '/' ? "~1" : std::string(1, letter);
    }
    return pointer;
}

std::optional<Violation> Schema::Compiled::violationOf(const rapidjson::Value& body) const
{
    // Without results the validator stops at the first violation, which is the usual way; the reason is asked for only then.
    const Adapter target(body);
    if (valijson::Validator().validate(schema, target, nullptr)) return {};

    valijson::ValidationResults results;
    valijson::Validator().validate(schema, target, &results);
    valijson::ValidationResults::Error error;
    if (!results.popError(error)) return Violation{"", "is not allowed by the schema"};
    return Violation{pointerOf(error.context, body), messageOf(error.description)};
}

Schema::Schema(std::string_view text)
{
    CheckedSchema checked = readSchema(text);
    auto compiled = std::make_unique<Compiled>();
    compiled->names = std::move(checked.names);

    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.addConstraintBuilder(patternKeyword, new PatternBuilder); // the parser owns it
    parser.addConstraintBuilder(formatKeyword, new FormatBuilder);
    try
    {
        parser.populateSchema(Adapter(checked.document), compiled->schema);
    }
    catch (const std::exception& error)
    {
        throw InvalidInput(std::string("the schema is no JSON Schema draft-07: ") + error.what());
    }

    // A schema that refers to itself without consuming anything would recurse without end: better in the plugin's check than at a message.
    for (const char* sample : std::array{"null", "{}", "[]", "\"\"", "0"}) compiled->violationOf(readDocument(sample, {}, "the sample"));
    _compiled = std::move(compiled);
}

Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

std::optional<Violation> Schema::validate(std::string_view body, const BodyLimits& limits) const
{
    return _compiled->violationOf(readDocument(body, limits, "the body"));
}

void Schema::require(std::string_view body, const BodyLimits& limits) const
{
    const std::optional<Violation> violation = validate(body, limits);
    if (!violation) return;
    const std::string place = violation->pointer.empty() ? "the body" : "the body's " + violation->pointer;
    throw InvalidInput(place + " breaks the schema: " + violation->message, violation->pointer);
}

} // namespace carillon::schema
