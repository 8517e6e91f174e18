#pragma once

#include "fcm/GoogleError.h"
#include "fcm/Json.h"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace carillon::fakefcm
{

/// The request schema out of Google's API discovery document, with the rules of proto3's JSON mapping: both name styles, `null` is
/// absent, integers may be strings, enums by name or number, durations and timestamps as text. Immutable after construction.
class DiscoverySchema
{
public:
    /// Throws std::runtime_error when the document is not such a document.
    explicit DiscoverySchema(std::string_view document);

    /// Everything that is wrong with a SendMessageRequest, in the words of the real API; empty when it fits.
    std::vector<FieldViolation> check(const Json& request) const;

    /// Whether the API knows this query parameter for every method ("alt", "prettyPrint", …).
    bool knowsQueryParameter(const std::string& name) const { return _queryParameters.contains(name); }

private:
    struct Type
    {
        enum class Kind
        {
            String,
            Int32,
            Float,
            Bool,
            Duration,
            Timestamp,
            Enum,
            Message,
            Map,
            List,
            Any
        };
        struct Field
        {
            std::string protoName;
            const Type* type;
        };

        Kind kind = Kind::Any;
        std::string name;                              ///< as errors call it
        std::unordered_map<std::string, Field> fields; ///< by both names
        const Type* element = nullptr;
        std::vector<std::string> values;
        bool ignoresCase = false;
    };

    struct Place;
    class Checker;

    const Type* compile(const Json& schemas, const Json& definition, const std::string& owner, const std::string& field);
    const Type* compileNamed(const Json& schemas, const std::string& name);

    std::deque<Type> _types;
    std::unordered_map<std::string, const Type*> _named;
    std::unordered_set<std::string> _queryParameters;
    const Type* _request = nullptr;
};

} // namespace carillon::fakefcm
