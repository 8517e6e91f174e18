#include "push/PushProvider.h"

namespace carillon::push
{

std::string_view toString(PushOutcome outcome)
{
    switch (outcome)
    {
    case PushOutcome::Accepted: return "accepted";
    case PushOutcome::AddressDead: return "address_dead";
    case PushOutcome::PayloadRefused: return "payload_refused";
    case PushOutcome::Throttled: return "throttled";
    case PushOutcome::Transient: return "transient";
    case PushOutcome::Misconfigured: return "misconfigured";
    case PushOutcome::ProviderDown: return "provider_down";
    case PushOutcome::Ambiguous: return "ambiguous";
    }
    return "?";
}

} // namespace carillon::push
