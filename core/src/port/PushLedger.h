#pragma once

#include "carillon/Clock.h"
#include "carillon/UnitOfWork.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::port
{

/// What is known of one push to one address.
enum class PushState
{
    Intent,   ///< about to be sent, or nobody knows: found by a repeat it reads as unknown
    Accepted, ///< the provider took it
    Failed,   ///< will not be accepted: the address is dead, the payload refused
    Unknown,  ///< it may have been taken: the answer was lost
    Open      ///< refused for now: the next attempt sends again
};

/// `intent`, `accepted`, `failed`, `unknown`, `open`.
std::string_view toString(PushState state);

struct PushRecord
{
    std::string messageId;
    /// SHA-256 of the address's value, in hex: the address itself is not copied here.
    std::string addressHash;
    PushState state = PushState::Intent;
    /// How often it was sent.
    int sends = 0;
    /// Times of an unknown answer.
    int unknowns = 0;
    std::string providerMessageId;
    /// The provider's or our own short code: `UNREGISTERED`.
    std::string code;
    TimePoint at{};

    bool operator==(const PushRecord&) const = default;
};

/// Pushes by message and address. Thread-safe; throws StoreError.
class PushLedger
{
public:
    virtual ~PushLedger();

    /// What is recorded for these messages.
    virtual std::map<std::string, std::vector<PushRecord>> recordsOf(std::span<const std::string> messageIds) = 0;
    /// Writes the records as given (insert or replace by message and address), in one transaction. Only an intent does not replace an
    /// acceptance: its writer looked before somebody whose lease had run out came to his end, and that end stays known.
    virtual void write(std::span<const PushRecord> records) = 0;
    /// The same within the deciding transaction.
    virtual void stageWrite(UnitOfWork& work, std::vector<PushRecord> records) = 0;
    virtual std::size_t sweep(TimePoint before, std::size_t limit) = 0;
};

} // namespace carillon::port
