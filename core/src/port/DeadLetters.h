#pragma once

#include "port/Ledger.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace carillon::port
{

/// A message that was given up, with all that is known of it.
struct DeadLetter
{
    /// As received last: attempt and turn of the delivery that ended it.
    Envelope envelope;
    std::string transport;
    TimePoint failedAt{};
    Failure lastFailure;
    FailureHistory history;
    /// The bytes as received, when they could not be decoded.
    std::string raw;
    /// How often an operator had it retried.
    int replays = 0;
};

struct DeadLetterFilter
{
    std::string type;
    std::string transport;
    std::optional<TimePoint> failedBefore;
    std::optional<TimePoint> failedAfter;
};

/// Dead letters, kept until an operator retries or removes them, or retention does. Thread-safe; throws StoreError.
class DeadLetters
{
public:
    virtual ~DeadLetters();

    /// Latest failure first, after the cursor (empty: from the first); `nextCursor` is empty on the last page.
    struct Page
    {
        std::vector<DeadLetter> letters;
        std::string nextCursor;
    };
    virtual Page list(const DeadLetterFilter& filter, std::size_t limit, const std::string& cursor) = 0;
    virtual std::optional<DeadLetter> find(const std::string& id) = 0;
    virtual std::uint64_t count(const DeadLetterFilter& filter) = 0;
    /// By type, for the statistics.
    virtual std::map<std::string, std::uint64_t> countByType() = 0;

    /// In one transaction: deletes the record, reopens the inbox row, and hands the envelope (attempt 1, the next turn) to `publish`, which publishes within the
    /// session or answers with a row for the outbox. Gives nothing when there is no such record. A throw of `publish` rolls all back.
    using Publish = std::function<std::optional<OutboxMessage>(StoreSession& session, const Envelope& envelope)>;
    virtual std::optional<Envelope> release(const std::string& id, const Publish& publish) = 0;

    /// Says how many there were of these.
    virtual std::size_t remove(std::span<const std::string> ids) = 0;
    virtual std::size_t removeAll(const DeadLetterFilter& filter) = 0;
};

} // namespace carillon::port
