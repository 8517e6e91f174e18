#pragma once

#include "port/Ledger.h"
#include "sqlite/Session.h"

#include <optional>

namespace carillon::stores::sqlite
{

/// The numbers in the file; never renumbered.
constexpr int numberOf(port::Decided decided) { return static_cast<int>(decided); }
static_assert(numberOf(port::Decided::Done) == 0 && numberOf(port::Decided::Retry) == 1 && numberOf(port::Decided::Defer) == 2 &&
              numberOf(port::Decided::Dead) == 3 && numberOf(port::Decided::Expired) == 4 && numberOf(port::Decided::Cancelled) == 5);

/// The inbox's rows within one open transaction: one a message, saying what was decided last.
class Inbox
{
public:
    explicit Inbox(carillon::sqlite::Session& session) : _session(session) {}

    struct Recorded
    {
        /// With the decision's own failure, when it has one; else empty, to spare the reading on the good path.
        port::FailureHistory history;
        int replays = 0;
    };

    /// Writes the row if this turn may be decided still; nothing: it may not.
    std::optional<Recorded> record(const port::Decision& decision, TimePoint now);

    std::optional<port::InboxRow> find(const port::MessageKey& key);

    /// Opens the row again after `turn`, and gives the turn that comes next. Makes the row when it was swept.
    int reopen(const Envelope& envelope, const port::FailureHistory& history, int replays, TimePoint now);

    std::size_t sweep(TimePoint before, std::size_t limit);

private:
    std::optional<Recorded> recordFailure(const port::Decision& decision, TimePoint now);

    carillon::sqlite::Session& _session;
};

} // namespace carillon::stores::sqlite
