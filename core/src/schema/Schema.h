#pragma once

#include "schema/Json.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::schema
{

/// Where a body breaks its schema. Holds nothing of the body's values; names in the pointer that the schema does not know are `*`.
struct Violation
{
    /// RFC 6901; empty for the whole body.
    std::string pointer;
    /// `is longer than maxLength allows`.
    std::string message;
};

/// A JSON Schema, draft-07, compiled once. Immutable and thread-safe.
class Schema
{
public:
    /// Throws InvalidInput when `text` is no schema that checkSchemaRules() lets pass.
    explicit Schema(std::string_view text);
    ~Schema();
    Schema(Schema&&) noexcept;
    Schema& operator=(Schema&&) noexcept;

    /// The first violation found, or nothing. Includes all that checkJson() checks, in the same one parse, and throws as it does.
    std::optional<Violation> validate(std::string_view body, const BodyLimits& limits = {}) const;

    /// The same, for callers that have only one way to say no: throws InvalidInput with the violation's pointer.
    void require(std::string_view body, const BodyLimits& limits = {}) const;

private:
    struct Compiled;
    std::unique_ptr<const Compiled> _compiled;
};

/// The rules that a schema must keep besides being one: every `pattern` stands beside a `maxLength` of at most 1024, `patternProperties`
/// beside `propertyNames` with such a `maxLength`, and patterns are valid and need no backtracking. Throws InvalidInput with the pointer
/// of the place in the schema and the remedy.
void checkSchemaRules(std::string_view text);

} // namespace carillon::schema
