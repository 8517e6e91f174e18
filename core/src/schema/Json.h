#pragma once

#include <cstddef>
#include <string_view>

namespace carillon::schema
{

/// What a body may cost us before anybody looks at what it says.
struct BodyLimits
{
    std::size_t maxBytes = 256 * 1024;
    /// Nested objects and lists; `{}` has depth 1.
    std::size_t maxDepth = 64;
};

/// Checks that `body` is one JSON value in UTF-8 within `limits`, each object's names unique (two readers of a repeated name see two
/// values, and only one of them was checked). One pass, no recursion, no tree.
/// Throws InvalidInput with the offset of the place, never with a piece of the body. Thread-safe.
void checkJson(std::string_view body, const BodyLimits& limits = {});

} // namespace carillon::schema
