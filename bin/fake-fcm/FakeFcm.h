#pragma once

#include "Options.h"
#include "fcm/AddressBook.h"
#include "fcm/DiscoverySchema.h"
#include "fcm/FaultPlan.h"
#include "fcm/Journal.h"
#include "fcm/Quotas.h"
#include "fcm/RequestLog.h"
#include "fcm/SendEndpoint.h"
#include "fcm/VirtualClock.h"
#include "http/Message.h"
#include "oauth/AccessTokens.h"
#include "oauth/TokenEndpoint.h"
#include "state/StateDirectory.h"

namespace carillon::fakefcm
{

/// What FCM's host serves: the token endpoint and messages:send; everything else is a 404 page, the shut-down legacy endpoints too.
/// Also what the admin API looks into. One thread.
class FakeFcm final : public Site
{
public:
    /// `account` outlives the object. Throws std::runtime_error when the journal's file cannot be opened.
    FakeFcm(const Options& options, const ServiceAccount& account);

    /// Never throws: what goes wrong inside is a 500, as it would be there.
    Answer answer(const Request& request) override;

    /// Forgets journal, requests, addresses, faults and quotas, and starts the seeded chances anew. Access tokens stay valid.
    void reset();

    Journal& journal() { return _journal; }
    RequestLog& requests() { return _requests; }
    AddressBook& addresses() { return _addresses; }
    FaultPlan& faults() { return _faults; }
    VirtualClock& clock() { return _clock; }
    AccessTokens& tokens() { return _tokens; }

private:
    Answer route(const Request& request, RequestRecord& record);

    const std::uint64_t _seed;
    DiscoverySchema _schema;
    VirtualClock _clock;
    AccessTokens _tokens;
    FaultPlan _faults;
    AddressBook _addresses;
    Quotas _quotas;
    Journal _journal;
    RequestLog _requests;
    TokenEndpoint _tokenEndpoint;
    SendEndpoint _sendEndpoint;
};

} // namespace carillon::fakefcm
