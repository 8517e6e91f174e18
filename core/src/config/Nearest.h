#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::config
{

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
std::size_t editDistance(std::string_view left, std::string_view right);

/// The candidate that was probably meant: the closest, when at most a third of it (and at least two characters) differs. The first of
/// equals.
std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates);

} // namespace carillon::config
