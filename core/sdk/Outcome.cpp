#include "carillon/Outcome.h"

namespace carillon
{

Outcome Outcome::ack()
{
    return Outcome(Kind::Ack);
}

Outcome Outcome::retry(std::string reason, std::optional<std::chrono::milliseconds> after)
{
    Outcome outcome(Kind::Retry);
    outcome._reason = std::move(reason);
    outcome._after = after;
    return outcome;
}

Outcome Outcome::defer(TimePoint until, std::string reason)
{
    Outcome outcome(Kind::Defer);
    outcome._reason = std::move(reason);
    outcome._until = until;
    return outcome;
}

Outcome Outcome::reject(std::string reason)
{
    Outcome outcome(Kind::Reject);
    outcome._reason = std::move(reason);
    return outcome;
}

Outcome Outcome::expired()
{
    Outcome outcome(Kind::Expired);
    outcome._reason = "expired before it was handled";
    return outcome;
}

Outcome Outcome::decided()
{
    return Outcome(Kind::Decided);
}

std::string_view toString(Outcome::Kind kind)
{
    switch (kind)
    {
    case Outcome::Kind::Ack: return "ack";
    case Outcome::Kind::Retry: return "retry";
    case Outcome::Kind::Defer: return "defer";
    case Outcome::Kind::Reject: return "reject";
    case Outcome::Kind::Expired: return "expired";
    case Outcome::Kind::Decided: return "decided";
    }
    return "?";
}

} // namespace carillon
