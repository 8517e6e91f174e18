// The ports' key functions, and what is the same for every adapter.
#include "carillon/Errors.h"
#include "port/DeadLetters.h"
#include "port/Delays.h"
#include "port/Lease.h"
#include "port/Ledger.h"
#include "port/PushLedger.h"
#include "port/RateLimiter.h"
#include "port/Store.h"
#include "port/Transport.h"

#include <stdexcept>

namespace carillon::port
{

Consumer::~Consumer() = default;
Transport::~Transport() = default;
Store::~Store() = default;
Ledger::~Ledger() = default;
DeadLetters::~DeadLetters() = default;
RateLimiter::~RateLimiter() = default;
Lease::~Lease() = default;
Delays::~Delays() = default;
PushLedger::~PushLedger() = default;

bool Consumer::settleWithin(StoreSession&, const Settlement&)
{
    throw std::logic_error("this consumer does not join the store's transactions");
}

void Consumer::renewUntil(const Delivery&, SteadyPoint) {}

bool Transport::joins(const Store&) const
{
    return false;
}

std::vector<PublishResult> Transport::publishWithin(StoreSession&, std::span<const Envelope>)
{
    throw std::logic_error("transport '" + name() + "' does not join the store's transactions");
}

bool Transport::cancelWithin(StoreSession&, const std::string&)
{
    throw std::logic_error("transport '" + name() + "' does not join the store's transactions");
}

void FailureHistory::add(Failure failure)
{
    constexpr std::size_t kept = 10;
    if (failures.size() == 2 * kept)
    {
        failures.erase(failures.begin() + kept);
        ++omitted;
    }
    failures.push_back(std::move(failure));
}

std::string_view toString(Decided decided)
{
    switch (decided)
    {
    case Decided::Done: return "done";
    case Decided::Retry: return "retry";
    case Decided::Defer: return "defer";
    case Decided::Dead: return "dead";
    case Decided::Expired: return "expired";
    case Decided::Cancelled: return "cancelled";
    }
    return "?";
}

std::string_view toString(PushState state)
{
    switch (state)
    {
    case PushState::Intent: return "intent";
    case PushState::Accepted: return "accepted";
    case PushState::Failed: return "failed";
    case PushState::Unknown: return "unknown";
    case PushState::Open: return "open";
    }
    return "?";
}

} // namespace carillon::port
