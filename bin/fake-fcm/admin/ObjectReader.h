#pragma once

#include "fcm/Json.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::fakefcm
{

/// What is wrong with an admin request, in a line that names the place.
class BadRequest : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Reads one JSON object field by field, and at the end refuses the fields that nobody asked for: a misspelt fault must not be no fault.
/// The object outlives the reader. All functions throw BadRequest.
class ObjectReader
{
public:
    ObjectReader(const Json& object, std::string place);

    /// The field, or null when it is absent or `null`.
    const Json* field(const char* name);

    std::optional<std::string> string(const char* name);
    std::optional<bool> boolean(const char* name);
    std::optional<double> number(const char* name, double least, double most);
    std::optional<std::uint64_t> count(const char* name, std::uint64_t most = std::numeric_limits<std::uint32_t>::max());

    /// An object whose values are all strings.
    std::vector<std::pair<std::string, std::string>> strings(const char* name);

    /// To be called last.
    void refuseOthers() const;

    [[noreturn]] void fail(const char* name, std::string_view expected) const;
    std::string place(const char* name) const;

private:
    const Json& _object;
    std::string _place;
    std::vector<std::string_view> _known;
};

} // namespace carillon::fakefcm
