#pragma once

#include "metrics/Board.h"
#include "metrics/Snapshot.h"
#include "process/FileDescriptor.h"

#include <memory>
#include <optional>
#include <vector>

namespace carillon::process
{

/// All boards of an instance, made before the first child: the admin is handed every one at its start, so none can be added later.
/// Number 0 is the master's own; it also holds what dead children counted. The master's thread only.
class BoardPool
{
public:
    /// Throws std::system_error.
    explicit BoardPool(std::size_t children);

    metrics::Board& master() { return *_boards.front(); }
    metrics::Board& at(std::size_t number) { return *_boards.at(number); }

    /// The number of a free board; nothing when all are in use.
    std::optional<std::size_t> take();

    /// What the child on it counted goes to the master's board; the board is empty then, still taken.
    void retire(std::size_t number) { metrics::foldInto(master(), at(number)); }
    void giveBack(std::size_t number) { _taken.at(number) = false; }

    std::size_t free() const;

    /// Of every board, the master's first, for reading.
    const std::vector<int>& readOnly() const { return _readOnly; }

private:
    std::vector<std::unique_ptr<metrics::Board>> _boards;
    std::vector<bool> _taken;
    std::vector<FileDescriptor> _owned;
    std::vector<int> _readOnly;
};

} // namespace carillon::process
