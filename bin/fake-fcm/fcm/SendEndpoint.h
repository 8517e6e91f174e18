#pragma once

#include "fcm/AddressBook.h"
#include "fcm/DiscoverySchema.h"
#include "fcm/FaultPlan.h"
#include "fcm/Journal.h"
#include "fcm/MessageView.h"
#include "fcm/Quotas.h"
#include "fcm/RequestLog.h"
#include "http/Message.h"
#include "oauth/AccessTokens.h"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace carillon::fakefcm
{

/// POST /v1/projects/{project}/messages:send, in the order in which the real one looks at a request: credential, JSON, schema, rules;
/// then the scripted faults; then quotas and the address.
class SendEndpoint
{
public:
    /// What it works on; all outlive the endpoint.
    struct Parts
    {
        const DiscoverySchema& schema;
        const AccessTokens& tokens;
        const VirtualClock& clock;
        FaultPlan& faults;
        AddressBook& addresses;
        Quotas& quotas;
        Journal& journal;
    };

    SendEndpoint(std::string project, std::uint64_t seed, const Parts& parts);

    /// `project` is the one in the request's path. Fills what it learns into `record`.
    Answer answer(const Request& request, std::string_view project, RequestRecord& record);

private:
    std::optional<Answer> refusedCredential(const Request& request, std::string_view project,
                                            const std::string& accessTokenParameter) const;
    Answer answerMessage(const MessageView& view, RequestRecord& record);
    Answer usualAnswer(const MessageView& view, RequestRecord& record);
    Answer scripted(const FaultAction& fault, const MessageView& view, RequestRecord& record);
    std::optional<Answer> refusedTarget(const MessageView& view, std::chrono::milliseconds& delay, RequestRecord& record);
    std::string deliver(const MessageView& view, int status, RequestRecord& record);
    Answer fcmError(std::string_view errorCode, RequestRecord& record) const;
    std::string nextName();

    const std::string _project;
    Parts _parts;
    std::mt19937_64 _names;
    std::uint64_t _named = 0;
};

} // namespace carillon::fakefcm
