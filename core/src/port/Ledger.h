#pragma once

#include "carillon/Envelope.h"
#include "carillon/UnitOfWork.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::port
{

/// One attempt that did not end well.
struct Failure
{
    TimePoint at{};
    int attempt = 1;
    /// A short stable name: `std::bad_alloc`, `unavailable`.
    std::string errorClass;
    std::string reason;

    bool operator==(const Failure&) const = default;
};

/// The first ten failures and the last ten; what lies between is counted only.
struct FailureHistory
{
    std::vector<Failure> failures;
    std::uint64_t omitted = 0;

    void add(Failure failure);
    bool operator==(const FailureHistory&) const = default;
};

enum class Decided
{
    Done,
    Retry, ///< scheduled again, attempt counted
    Defer, ///< scheduled again, attempt not counted
    Dead,
    Expired,
    Cancelled
};

/// True for the terminal ones.
constexpr bool isFinal(Decided decided)
{
    return decided != Decided::Retry && decided != Decided::Defer;
}

/// `done`, `retry`, `defer`, `dead`, `expired`, `cancelled`.
std::string_view toString(Decided decided);

/// An envelope on its way to a transport, kept in the store until that has confirmed it.
struct OutboxMessage
{
    /// Given by the store.
    std::int64_t sequence = 0;
    std::string transport;
    Envelope envelope;
};

/// What was decided about one delivery, to be recorded with its effects.
struct Decision
{
    const Envelope* envelope = nullptr;
    Decided decided = Decided::Done;
    /// False: no inbox row is looked at or written (a type declared idempotent, on the good path).
    bool isRecorded = true;
    /// What went wrong; added to the message's history. Dead and Expired need it.
    std::optional<Failure> failure;
    /// When it comes again; Retry and Defer.
    TimePoint dueAt{};
    /// Staged writes; null for none. Its follow-ups are in `outbox` already, or are published by `within`.
    const UnitOfWork* work = nullptr;
    /// Rows for the outbox: follow-ups, and the copy of a message that its transport cannot keep.
    std::vector<OutboxMessage> outbox;
    /// For a dead letter: where it came from, and its bytes when they could not be decoded.
    std::string transport;
    std::string raw;
};

enum class DecisionResult
{
    Applied,
    Duplicate, ///< an earlier delivery decided this turn or a final state already: nothing was applied
    Lost,      ///< `within` said no (the lease ran out): nothing was applied
    Conflict   ///< a staged write met another version: nothing was applied
};

/// What is known of a message.
struct InboxRow
{
    Decided decided = Decided::Done;
    /// The turn that was decided.
    int turn = 1;
    int attempt = 1;
    TimePoint decidedAt{};
    TimePoint dueAt{};
    FailureHistory history;
    /// Opened again by an operator after it was final: the next turn may be decided.
    bool isReopened = false;
};

struct MessageKey
{
    std::string type;
    std::string id;

    auto operator<=>(const MessageKey&) const = default;
};

/// Totals of what was decided, by message type, since the store was made.
using Tallies = std::map<std::string, std::map<Decided, std::uint64_t>>;

/// The record of decisions (inbox), of what is to be published because of them (outbox), and their totals. Thread-safe.
/// Blocks for the store; throws StoreError (StorageFull) and then nothing of the call was applied.
class Ledger
{
public:
    /// Called inside the deciding transaction, last for each decision: publishes and settles on transports that join the store.
    /// False, or a throw, rolls back that decision alone (a throw of StoreError: the whole call).
    using Within = std::function<bool(StoreSession& session, std::size_t index)>;

    virtual ~Ledger();

    /// Records decisions with their effects, in one short transaction for all, one savepoint for each. Per decision, in this order: the inbox row
    /// (needs: no row, or one that is not final or was reopened, and row.turn < envelope.turn; a reopened row counts its turn on), the staged writes, the
    /// outbox rows, the dead letter (Decided::Dead), the tally, `within`.
    virtual std::vector<DecisionResult> decide(std::span<const Decision> decisions, const Within& within) = 0;

    /// Applies a unit of work that belongs to no delivery (an API call): writes, outbox rows and `within` together. Rethrows what they throw.
    virtual void commit(const UnitOfWork& work, std::span<const OutboxMessage> outbox, const std::function<void(StoreSession&)>& within) = 0;

    /// In the order of the keys; empty where nothing was recorded.
    virtual std::vector<std::optional<InboxRow>> lookUp(std::span<const MessageKey> keys) = 0;

    /// Outbox rows that nobody has claimed, or whose claim is older than `claimFor`; oldest first; claimed for the caller.
    virtual std::vector<OutboxMessage> claimOutbox(std::size_t limit, std::chrono::milliseconds claimFor) = 0;
    /// The rows that one message's decision left, for finishing that decision.
    virtual std::vector<OutboxMessage> outboxOf(const MessageKey& key) = 0;
    virtual void markPublished(std::span<const std::int64_t> sequences) = 0;
    virtual std::uint64_t outboxSize() = 0;

    virtual Tallies tallies() = 0;

    /// Deletes final rows decided before `before`, at most `limit`; says how many.
    virtual std::size_t sweep(TimePoint before, std::size_t limit) = 0;
};

} // namespace carillon::port
