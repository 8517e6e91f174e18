#include "process/BoardPool.h"

#include <algorithm>

namespace carillon::process
{

BoardPool::BoardPool(std::size_t children)
{
    for (std::size_t number = 0; number <= children; ++number)
    {
        _boards.push_back(metrics::Board::create());
        _owned.emplace_back(_boards.back()->openReadOnly());
        _readOnly.push_back(_owned.back().get());
    }
    _taken.assign(_boards.size(), false);
    _taken.front() = true;
}

std::optional<std::size_t> BoardPool::take()
{
    const auto found = std::find(_taken.begin(), _taken.end(), false);
    if (found == _taken.end()) return {};
    *found = true;
    return static_cast<std::size_t>(found - _taken.begin());
}

std::size_t BoardPool::free() const { return static_cast<std::size_t>(std::count(_taken.begin(), _taken.end(), false)); }

} // namespace carillon::process
