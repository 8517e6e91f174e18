#pragma once

#include "SourceTree.h"

#include <string>
#include <vector>

/// Design 11: who may know whom. Each rule answers with the places that break it, as `file:line: why`.
namespace carillon::architecture
{

using Violations = std::vector<std::string>;

/// Arrows: bin → adapters → engine → SDK ← plugins, by what is included.
Violations includesAgainstTheArrows(const SourceTree& tree);

/// The same, by what CMake links.
Violations linksAgainstTheArrows(const SourceTree& tree);

/// A vendor's header is included in one folder only.
Violations vendorHeadersOutsideTheirFolder(const SourceTree& tree);

/// The SDK's headers and the ports show no vendor's types: only the standard library's headers.
Violations vendorHeadersInPublicHeaders(const SourceTree& tree);

/// A file has one reason to exist.
Violations filesThatAreTooLong(const SourceTree& tree);

} // namespace carillon::architecture
