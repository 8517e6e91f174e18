#pragma once

#include "carillon/Api.h"
#include "carillon/Clock.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carillon
{

/// What became of one delivery. A handler answers `ack`, `retry`, `defer` or `reject`; the chain may add the others.
class CARILLON_API Outcome
{
public:
    enum class Kind
    {
        Ack,     ///< done
        Retry,   ///< this message failed now: counted, tried again by its policy, then dead
        Defer,   ///< not this message's fault: later, not counted
        Reject,  ///< will never succeed: dead at once
        Expired, ///< `expiresAt` has passed before it was handled
        Decided, ///< an earlier delivery decided already; only that decision is to be finished
    };

    static Outcome ack();
    /// `after` lengthens the policy's wait (a provider's Retry-After), never shortens it.
    static Outcome retry(std::string reason, std::optional<std::chrono::milliseconds> after = {});
    static Outcome defer(TimePoint until, std::string reason);
    static Outcome reject(std::string reason);
    static Outcome expired();
    static Outcome decided();

    Kind kind() const noexcept { return _kind; }
    bool isAck() const noexcept { return _kind == Kind::Ack; }
    /// For people; names no patient. Empty for ack.
    const std::string& reason() const noexcept { return _reason; }
    /// A short, stable name of the kind of failure, for grouping: `unreachable`, `std::bad_alloc`. May be empty.
    const std::string& errorClass() const noexcept { return _errorClass; }
    std::optional<std::chrono::milliseconds> retryAfter() const noexcept { return _after; }
    std::optional<TimePoint> until() const noexcept { return _until; }

    Outcome& withErrorClass(std::string errorClass) &
    {
        _errorClass = std::move(errorClass);
        return *this;
    }
    Outcome&& withErrorClass(std::string errorClass) &&
    {
        _errorClass = std::move(errorClass);
        return std::move(*this);
    }

private:
    explicit Outcome(Kind kind) : _kind(kind) {}

    Kind _kind;
    std::string _reason;
    std::string _errorClass;
    std::optional<std::chrono::milliseconds> _after;
    std::optional<TimePoint> _until;
};

/// `ack`, `retry`, `defer`, `reject`, `expired`, `decided`.
CARILLON_API std::string_view toString(Outcome::Kind kind);

} // namespace carillon
