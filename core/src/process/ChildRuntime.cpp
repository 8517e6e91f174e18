#include "process/ChildRuntime.h"

#include <utility>

namespace carillon::process
{

using metrics::State;

ChildRuntime::ChildRuntime(Parts parts)
    : _parts(std::move(parts)),
      _identity(_parts.board->identity()),
      _metrics(*_parts.board),
      _slots(*_parts.board),
      _boards(_parts.boards)
{
    _stateOnStop = _control.onStop([this] { setState(State::Draining); });
    _stateOnQuiet = _control.onQuiet(
        [this](bool quiet)
        {
            const auto state = board().state();
            if (quiet && state == State::Ready) setState(State::Quiet);
            if (!quiet && state == State::Quiet) setState(State::Ready);
        });
}

void ChildRuntime::ready()
{
    beat();
    // Under the control's own lock, so that a stop that comes meanwhile is not overwritten by "ready".
    _control.inspect([this](bool stopping, bool quiet) { setState(stopping ? State::Draining : quiet ? State::Quiet : State::Ready); });
}

void ChildRuntime::setState(State state)
{
    _parts.board->setState(state);
    if (_parts.stateChanged) _parts.stateChanged();
}

} // namespace carillon::process
