#include "config/Nearest.h"

#include <algorithm>

namespace carillon::config
{

std::size_t editDistance(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> beforePrevious(right.size() + 1);
    std::vector<std::size_t> previous(right.size() + 1);
    std::vector<std::size_t> current(right.size() + 1);
    for (std::size_t column = 0; column <= right.size(); ++column) previous[column] = column;

    for (std::size_t row = 1; row <= left.size(); ++row)
    {
        current[0] = row;
        for (std::size_t column = 1; column <= right.size(); ++column)
        {
            const std::size_t replace = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
            current[column] = std::min({previous[column] + 1, current[column - 1] + 1, replace});
            const bool isSwap = row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
            if (isSwap) current[column] = std::min(current[column], beforePrevious[column - 2] + 1);
        }
        std::swap(beforePrevious, previous);
        std::swap(previous, current);
    }
    return previous[right.size()];
}

std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates)
{
    std::optional<std::string> best;
    std::size_t bestDistance = 0;
    for (const auto& candidate : candidates)
    {
        const auto distance = editDistance(text, candidate);
        const auto allowed = std::max<std::size_t>(2, candidate.size() / 3);
        if (distance > allowed || distance >= std::max(text.size(), candidate.size())) continue;
        if (best && distance >= bestDistance) continue;
        best = candidate;
        bestDistance = distance;
    }
    return best;
}

} // namespace carillon::config
